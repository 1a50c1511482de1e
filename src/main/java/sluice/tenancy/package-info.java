/**
 * Who calls: tenants with their limits in force, their keys by digest, and the keys that are revoked.
 */
@NullMarked
package sluice.tenancy;

import org.jspecify.annotations.NullMarked;
