/**
 * Calls of the past, replayed in their order on a virtual clock against the limits of another configuration: whom it
 * would have refused. Uses the very classes of {@code quota} that calls meet; sends nothing and writes nothing.
 */
@NullMarked
package sluice.rehearsal;

import org.jspecify.annotations.NullMarked;
