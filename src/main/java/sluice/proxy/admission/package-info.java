/** Lets a call in: who makes it, what it asks for, and whether the limits and budgets of its tenant allow it. */
@NullMarked
package sluice.proxy.admission;

import org.jspecify.annotations.NullMarked;
