/** Callers that authenticate with a token signed by an issuer, so that a service needs no secret of this gateway. */
@NullMarked
package sluice.identity;

import org.jspecify.annotations.NullMarked;
