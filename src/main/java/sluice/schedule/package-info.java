/**
 * Waiting for upstream quota: calls that no account can serve now wait here, bounded in number and time, until a
 * permit is due. Accounts are known here only as {@link sluice.schedule.Capacity}.
 */
@NullMarked
package sluice.schedule;

import org.jspecify.annotations.NullMarked;
