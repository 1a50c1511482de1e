/**
 * The path of one request. Read {@link sluice.proxy.RequestPath} first: it names every stage in order, and each stage
 * is one small class. Here are the path, what its stages share, and the answers that the gateway gives by itself; the
 * packages below hold the other stages, and join the capabilities, which do not know each other.
 */
@NullMarked
package sluice.proxy;

import org.jspecify.annotations.NullMarked;
