/**
 * Waiting for upstream quota: calls that no account can take now wait here, bounded in number and time, and are granted a
 * permit when one is due. An account is known here only as a {@link sluice.schedule.Capacity}.
 */
@NullMarked
package sluice.schedule;

import org.jspecify.annotations.NullMarked;
