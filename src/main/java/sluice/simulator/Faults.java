package sluice.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Injected faults. Rates are shares of the calls, 0 to 1.
 *
 * @param errorRate         calls answered with {@code errorStatus}; all but 429s still spend quota
 * @param cutRate           streams whose connection breaks before the end
 * @param cleanCutRate      streams that end cleanly but without their end mark
 * @param cutAfterChunks    how many events a cut stream still delivers
 * @param hang              whether calls are never answered
 * @param slow              extra latency of every answer
 * @param flexUnavailableRate calls of the service tier flex that find no capacity; they spend no quota
 * @param insufficientQuota names of accounts that are out of credit
 * @param revokedKeys       keys or key ids that no longer work
 */
public record Faults(double errorRate, int errorStatus, double cutRate, double cleanCutRate, int cutAfterChunks,
        boolean hang, Duration slow, double flexUnavailableRate, Set<String> insufficientQuota,
        Set<String> revokedKeys) {
    private static final Faults NONE = new Faults(0, 503, 0, 0, 3, false, Duration.ZERO, 0, Set.of(), Set.of());

    public Faults {
        checkRate("errorRate", errorRate);
        checkRate("cutRate", cutRate);
        checkRate("cleanCutRate", cleanCutRate);
        checkRate("flexUnavailableRate", flexUnavailableRate);
        check("errorStatus", errorStatus, errorStatus >= 400 && errorStatus <= 599, "400 to 599");
        check("cutAfterChunks", cutAfterChunks, cutAfterChunks >= 0, ">= 0");
        check("slow", slow, !slow.isNegative() && slow.compareTo(Duration.ofDays(1)) <= 0, "0 to 1 day");
        insufficientQuota = Set.copyOf(insufficientQuota);
        revokedKeys = Set.copyOf(revokedKeys);
    }

    /** No faults. */
    public static Faults none() {
        return NONE;
    }

    /** This share of calls fails with this status. */
    public Faults withErrors(double rate, int status) {
        return new Faults(rate, status, cutRate, cleanCutRate, cutAfterChunks, hang, slow, flexUnavailableRate,
                insufficientQuota,
                revokedKeys);
    }

    /** This share of streams breaks after this many events. */
    public Faults withCuts(double rate, int afterChunks) {
        return new Faults(errorRate, errorStatus, rate, cleanCutRate, afterChunks, hang, slow, flexUnavailableRate,
                insufficientQuota,
                revokedKeys);
    }

    /** This share of streams ends without an end mark after this many events. */
    public Faults withCleanCuts(double rate, int afterChunks) {
        return new Faults(errorRate, errorStatus, cutRate, rate, afterChunks, hang, slow, flexUnavailableRate,
                insufficientQuota,
                revokedKeys);
    }

    public Faults withHang(boolean hangs) {
        return new Faults(errorRate, errorStatus, cutRate, cleanCutRate, cutAfterChunks, hangs, slow,
                flexUnavailableRate,
                insufficientQuota, revokedKeys);
    }

    public Faults withSlow(Duration extra) {
        return new Faults(errorRate, errorStatus, cutRate, cleanCutRate, cutAfterChunks, hang, extra,
                flexUnavailableRate,
                insufficientQuota, revokedKeys);
    }

    /** This share of calls of the service tier flex finds no capacity. */
    public Faults withFlexUnavailable(double rate) {
        return new Faults(errorRate, errorStatus, cutRate, cleanCutRate, cutAfterChunks, hang, slow, rate,
                insufficientQuota, revokedKeys);
    }

    public Faults withInsufficientQuota(String... accounts) {
        return new Faults(errorRate, errorStatus, cutRate, cleanCutRate, cutAfterChunks, hang, slow,
                flexUnavailableRate,
                Set.of(accounts), revokedKeys);
    }

    public Faults withRevokedKeys(String... keys) {
        return new Faults(errorRate, errorStatus, cutRate, cleanCutRate, cutAfterChunks, hang, slow,
                flexUnavailableRate,
                insufficientQuota, Set.of(keys));
    }

    /** Reads what {@link #toJson} writes; an absent member means no fault, an unknown one is refused. */
    static Faults fromJson(JsonObject json) {
        Faults faults = NONE;
        int after = number(json.getValue("cutAfterChunks", NONE.cutAfterChunks)).intValue();
        faults = faults.withCuts(0, after);
        for (Map.Entry<String, Object> member : json) {
            faults = faults.with(member.getKey(), member.getValue());
        }
        return faults;
    }

    private Faults with(String name, Object value) {
        return switch (name) {
            case "errorRate" -> withErrors(number(value).doubleValue(), errorStatus);
            case "errorStatus" -> withErrors(errorRate, number(value).intValue());
            case "cutRate" -> withCuts(number(value).doubleValue(), cutAfterChunks);
            case "cleanCutRate" -> withCleanCuts(number(value).doubleValue(), cutAfterChunks);
            case "cutAfterChunks" -> this;
            case "hang" -> withHang(flag(value));
            case "slowMillis" -> withSlow(Duration.ofMillis(number(value).longValue()));
            case "flexUnavailableRate" -> withFlexUnavailable(number(value).doubleValue());
            case "insufficientQuota" -> withInsufficientQuota(words(value));
            case "revokedKeys" -> withRevokedKeys(words(value));
            default -> throw new IllegalArgumentException(name + " (expected: errorRate, errorStatus, cutRate, "
                    + "cleanCutRate, cutAfterChunks, hang, slowMillis, flexUnavailableRate, insufficientQuota or "
                    + "revokedKeys)");
        };
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("errorRate", errorRate)
                .put("errorStatus", errorStatus)
                .put("cutRate", cutRate)
                .put("cleanCutRate", cleanCutRate)
                .put("cutAfterChunks", cutAfterChunks)
                .put("hang", hang)
                .put("slowMillis", slow.toMillis())
                .put("flexUnavailableRate", flexUnavailableRate)
                .put("insufficientQuota", new JsonArray(insufficientQuota.stream().sorted().toList()))
                .put("revokedKeys", new JsonArray(revokedKeys.stream().map(Faults::id).sorted().toList()));
    }

    boolean revokes(String key, String keyId) {
        return !revokedKeys.isEmpty() && (revokedKeys.contains(key) || revokedKeys.contains(keyId));
    }

    private static String id(String keyOrId) {
        return keyOrId.matches("[0-9a-f]{12}") ? keyOrId : KeyId.of(keyOrId);
    }

    private static Number number(Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw new IllegalArgumentException(value + " (expected: a number)");
    }

    private static boolean flag(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new IllegalArgumentException(value + " (expected: true or false)");
    }

    private static String[] words(Object value) {
        if (value instanceof JsonArray array) {
            return array.stream().map(String::valueOf).distinct().toArray(String[]::new);
        }
        throw new IllegalArgumentException(value + " (expected: an array of strings)");
    }

    private static void checkRate(String name, double rate) {
        check(name, rate, rate >= 0 && rate <= 1, "0 to 1");
    }

    private static void check(String name, Object value, boolean good, String expected) {
        if (!good) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** Without keys. */
    @Override
    public String toString() {
        return toJson().encode();
    }
}
