package sluice.schedule;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * What one account has granted of late. Used under the scheduler's lock.
 *
 * <p>A permit that comes back unsent is granted again with the time of its first grant, and so is sent within its
 * time or never. Were it put back into the account's bucket instead, it would begin a new second with each grant, and calls
 * that fail to connect one after the other could hoard permits and then send them all at once. Only where no other permit
 * of that time is about may it go back.
 */
final class Grants {
    private final Deque<Long> unsent = new ArrayDeque<>();
    private long count;
    private long latest;
    private long before;

    /** A new permit was taken from the account. */
    void taken(long now) {
        before = latest;
        latest = now;
        count = Math.min(2, count + 1);
    }

    /** Takes the youngest permit that came back and is still good; when it was granted first. */
    OptionalLong reuse(long now) {
        while (!unsent.isEmpty() && now - unsent.peekLast() > Permit.GOOD_FOR_NANOS) {
            unsent.removeLast();
        }
        return unsent.isEmpty() ? OptionalLong.empty() : OptionalLong.of(unsent.removeLast());
    }

    /** Keeps a permit that came back; false if it may go back to the account. */
    boolean keep(long grantedAt, long now) {
        boolean alone = grantedAt == latest && (count == 1 || now - before > Permit.GOOD_FOR_NANOS);
        if (!alone) {
            unsent.addLast(grantedAt);
        }
        return !alone;
    }
}
