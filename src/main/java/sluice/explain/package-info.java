/**
 * What would happen to a call, without making it: its limits and budgets, the cache, the accounts that could serve
 * it, how long it would wait, and its price. Nothing is taken. It builds on the capabilities, and does not know who
 * asks or how.
 */
@NullMarked
package sluice.explain;

import org.jspecify.annotations.NullMarked;
