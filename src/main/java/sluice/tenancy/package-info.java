/** Who calls: tenants with the limits in force, their keys by digest, and the revoked keys. */
@NullMarked
package sluice.tenancy;

import org.jspecify.annotations.NullMarked;
