package sluice.metrics;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The gateway's own ids of calls: when the call arrived, in 11 hexadecimal digits of milliseconds since 1970, then 13
 * random ones. Since an id carries its time, the ledger finds a call in the order of its rows and needs no index on
 * ids, which would cost a write to a random page for every call.
 */
public final class CallId {
    private static final int TIME_DIGITS = 11;
    private static final int RANDOM_DIGITS = 13;
    /** An answer within a WebSocket adds its number. */
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{11})[0-9a-f]{13}(-[0-9]{1,10})?");
    private static final int HEX = 16;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private CallId() {}

    /** A new id for a call that has just arrived. */
    public static String at(Instant arrived) {
        byte[] id = new byte[TIME_DIGITS + RANDOM_DIGITS];
        digits(arrived.toEpochMilli(), id, 0, TIME_DIGITS);
        digits(ThreadLocalRandom.current().nextLong(), id, TIME_DIGITS, RANDOM_DIGITS);
        return new String(id, StandardCharsets.ISO_8859_1);
    }

    private static void digits(long number, byte[] to, int from, int count) {
        long rest = number;
        for (int i = from + count - 1; i >= from; i--) {
            to[i] = DIGITS[(int) rest & HEX - 1];
            rest >>>= 4;
        }
    }

    /** When the call with this id arrived; empty if no call has such an id. */
    public static Optional<Instant> arrival(String id) {
        Matcher form = FORM.matcher(id);
        return form.matches()
                ? Optional.of(Instant.ofEpochMilli(Long.parseLong(form.group(1), HEX)))
                : Optional.empty();
    }
}
