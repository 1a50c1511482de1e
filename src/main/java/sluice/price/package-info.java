/** What model calls cost: the upstream's list prices, and the sums they make. Money is whole picodollars. */
@NullMarked
package sluice.price;

import org.jspecify.annotations.NullMarked;
