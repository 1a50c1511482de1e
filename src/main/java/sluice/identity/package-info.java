/** Who calls by a token that an issuer has signed, so that a service needs no secret of this gateway's. */
@NullMarked
package sluice.identity;

import org.jspecify.annotations.NullMarked;
