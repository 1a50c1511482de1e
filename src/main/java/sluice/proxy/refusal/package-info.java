/** Why a call is not answered by the upstream, and how that is reported. */
@NullMarked
package sluice.proxy.refusal;

import org.jspecify.annotations.NullMarked;
