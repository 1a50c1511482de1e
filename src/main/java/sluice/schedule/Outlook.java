package sluice.schedule;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What would happen to a call that asked for a permit now; nothing is taken.
 *
 * @param quotes    of the accounts that it may be sent to, by name; without those that could never hold it
 * @param waitNanos until its turn, 0 for now; {@link Quote#NEVER} if no account can ever serve it
 * @param refuses   whether it would be refused, since no account is worth waiting for
 * @param served    whether any of the accounts serves its model
 */
public record Outlook(Map<String, Quote> quotes, long waitNanos, boolean refuses, boolean served) {

    public Outlook {
        quotes = Collections.unmodifiableMap(new LinkedHashMap<>(quotes));
    }

    /** Whether no account can ever serve it. */
    public boolean never() {
        return waitNanos == Quote.NEVER;
    }
}
