/** Why calls are refused, and how that is reported. */
@NullMarked
package sluice.proxy.refusal;

import org.jspecify.annotations.NullMarked;
