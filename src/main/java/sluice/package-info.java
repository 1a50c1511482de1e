/** The command line. May import everything. */
@NullMarked
package sluice;

import org.jspecify.annotations.NullMarked;
