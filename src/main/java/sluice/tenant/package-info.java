/**
 * Who may call: tenants, their keys by digest, and what each is allowed. Immutable snapshots; knows the limit records of
 * {@link sluice.quota} and nothing else of ours.
 */
@NullMarked
package sluice.tenant;

import org.jspecify.annotations.NullMarked;
