/**
 * What would happen to a call, without making it: its limits and budgets, the cache, the accounts that could serve it, how
 * long it would wait, and its price. Nothing is taken. It stands on capabilities, and knows neither who asks nor how.
 */
@NullMarked
package sluice.explain;

import org.jspecify.annotations.NullMarked;
