/** Stored objects where an account has several tenants: which of them a call may touch, and which a list shows. */
@NullMarked
package sluice.proxy.owned;

import org.jspecify.annotations.NullMarked;
