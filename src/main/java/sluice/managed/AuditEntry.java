package sluice.managed;

import java.time.Instant;

/**
 * One change, as the audit keeps it.
 *
 * @param number  of the change; the audit is in its order
 * @param action  such as {@code key.issue}
 * @param tenant  that it is about; empty if it is about none
 * @param subject the tenant's name or the key's id
 * @param before  as JSON; empty if there was nothing
 * @param after   as JSON; empty if there is nothing any more
 */
public record AuditEntry(long number, Instant at, By by, String action, String tenant, String subject, String before,
        String after) {

    /** The entry to write, before it has a number and a time. */
    record Draft(String action, String tenant, String subject, String before, String after) {

        AuditEntry at(long number, Instant now, By by) {
            return new AuditEntry(number, now, by, action, tenant, subject, before, after);
        }
    }
}
