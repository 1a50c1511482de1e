/**
 * The path of one request. Read {@link sluice.proxy.RequestPath} first: it names every stage in order, and each stage
 * is one small class. This package joins the capabilities, which do not know each other.
 */
@NullMarked
package sluice.proxy;

import org.jspecify.annotations.NullMarked;
