/** Who calls: tenants with the limits in effect, their keys by digest, and the revoked keys. */
@NullMarked
package sluice.tenancy;

import org.jspecify.annotations.NullMarked;
