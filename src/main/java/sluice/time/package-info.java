/** The only code that reads the system clock; everything else gets a {@link sluice.time.Time}. */
@NullMarked
package sluice.time;

import org.jspecify.annotations.NullMarked;
