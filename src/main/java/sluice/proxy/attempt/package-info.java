/**
 * One attempt after another: the permit, the connection, the request, its answer on the way to the caller, and whether
 * a failed one is followed by another.
 */
@NullMarked
package sluice.proxy.attempt;

import org.jspecify.annotations.NullMarked;
