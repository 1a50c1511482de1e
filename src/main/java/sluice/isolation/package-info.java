/**
 * What all tenants share, bounded so that none of them can exhaust it: a {@link sluice.isolation.Bulkhead} lets a
 * {@link sluice.isolation.Holder} hold at most as much as is still free.
 */
@NullMarked
package sluice.isolation;

import org.jspecify.annotations.NullMarked;
