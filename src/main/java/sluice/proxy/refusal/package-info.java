/**
 * Why a call is not answered by the upstream, and how that is told.
 */
@NullMarked
package sluice.proxy.refusal;

import org.jspecify.annotations.NullMarked;
