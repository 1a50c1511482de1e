/**
 * The commands, and {@link sluice.cli.Gateway}, which wires everything by hand and closes it in reverse. May import
 * everything.
 */
@NullMarked
package sluice.cli;

import org.jspecify.annotations.NullMarked;
