/** The only reader of the system clock; everything else is given a {@link sluice.time.Time}. */
@NullMarked
package sluice.time;

import org.jspecify.annotations.NullMarked;
