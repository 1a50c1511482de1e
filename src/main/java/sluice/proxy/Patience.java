package sluice.proxy;

import io.vertx.core.MultiMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import sluice.openai.GoDuration;
import sluice.proxy.refusal.Reason;
import sluice.schedule.Lane;
import sluice.tenancy.Tenancy;

/**
 * How long a call waits for upstream quota, and in which lane.
 *
 * @param waitNanos the least of what its tenant may wait, what it asks for, and half of the timeout of its SDK
 * @param lane      as it asks, or else its tenant's
 */
public record Patience(long waitNanos, Lane lane) {
    static final String MAX_WAIT = "x-sluice-max-wait";
    static final String PRIORITY = "x-sluice-priority";

    /** A malformed header. */
    public static final class Unclear extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Reason reason;

        Unclear(String header, String expected) {
            super(header, null, false, false);
            this.reason = new Reason.BadHeader(header, expected);
        }

        public Reason reason() {
            return reason;
        }
    }

    /** Reads the headers of a call. */
    public static Patience of(MultiMap headers, Tenancy tenancy) throws Unclear {
        long nanos = tenancy.tenant().standing().maxWait().toNanos();
        String own = headers.get(MAX_WAIT);
        if (own != null) {
            long asked = nanos(own);
            if (asked < 0) {
                throw new Unclear(MAX_WAIT, "a duration such as 500ms, 10s or 2m");
            }
            nanos = Math.min(nanos, asked);
        }
        String patience = headers.get("x-stainless-read-timeout");
        long timeout = nanos(patience == null ? headers.get("x-stainless-timeout") : patience);
        return new Patience(timeout > 0 ? Math.min(nanos, timeout / 2) : nanos, lane(headers, tenancy));
    }

    private static Lane lane(MultiMap headers, Tenancy tenancy) throws Unclear {
        String priority = headers.get(PRIORITY);
        if (priority == null) {
            return tenancy.tenant().standing().lane();
        }
        return switch (priority.strip().toLowerCase(Locale.ROOT)) {
            case "interactive" -> Lane.INTERACTIVE;
            case "batch" -> Lane.BATCH;
            default -> throw new Unclear(PRIORITY, "interactive or batch");
        };
    }

    /** A number of seconds, or with a unit; -1 for anything else. */
    private static long nanos(@Nullable String text) {
        return text == null ? -1 : GoDuration.parse(text.strip());
    }
}
