/** What whole-process tests stand on: a gateway before a simulator, its clock, its log, and what must hold after each. */
@NullMarked
package sluice.testing;

import org.jspecify.annotations.NullMarked;
