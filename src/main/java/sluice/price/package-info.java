/** What model calls cost: the upstream's list prices, and the resulting costs. Money is whole picodollars. */
@NullMarked
package sluice.price;

import org.jspecify.annotations.NullMarked;
