package sluice.calls;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import sluice.metrics.Facts;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.price.Cost;

/** Counts of calls that have ended: how, at what cost, and why those that were not answered failed. */
final class EndedCalls {
    /** The most trouble first, then the most calls. */
    static final Comparator<EndedCalls> WORST_FIRST = Comparator.comparingLong(EndedCalls::inTrouble)
            .thenComparingLong(EndedCalls::calls).reversed();
    /** The most calls first, however they ended. */
    static final Comparator<EndedCalls> BUSIEST_FIRST = Comparator.comparingLong(EndedCalls::calls).reversed();

    /** What the log gives as the limit of calls that lacked a key which OpenAI accepts. */
    private static final Set<String> OWN_KEYS = Set.of("key_rejected", "keys_rejected");
    private static final int UNAUTHORIZED = 401;
    private static final int TOO_MANY = 429;
    /** Further causes are counted without the names of limits and keys, of which there may be many. */
    private static final int MOST_CAUSES = 50;

    /**
     * Why a call was not answered.
     *
     * @param limit what decided it, as in the access log; empty if the code says everything
     * @param keyId the key that is refused; empty if it is for another reason
     */
    private record Cause(Outcome outcome, int status, String code, String limit, String keyId) {}

    /** How often a cause was met, and in which minute last. */
    private static final class Met {
        private final LongAdder calls = new LongAdder();
        private final LongAccumulator minute = new LongAccumulator(Math::max, 0);

        private void add(long more, long in) {
            calls.add(more);
            minute.accumulate(in);
        }
    }

    /** How calls end here: a 429 is a refusal, whoever's quota lacks; that the gateway's keys are rejected is its own fault. */
    private enum End {
        ANSWERED("answered"), REFUSED("refused"), GATEWAY("gateway_errors"), UPSTREAM("upstream_errors"), CLIENT_GONE(
                "client_gone");

        private final String field;

        End(String field) {
            this.field = field;
        }

        static End of(Spent.Told told) {
            return switch (told.outcome()) {
                case ANSWERED -> ANSWERED;
                case TENANT -> REFUSED;
                case GATEWAY -> told.status() == TOO_MANY ? REFUSED : GATEWAY;
                case UPSTREAM -> told.status() == TOO_MANY
                        ? REFUSED
                        : OWN_KEYS.contains(told.why().limit()) ? GATEWAY : UPSTREAM;
                case CLIENT_GONE -> CLIENT_GONE;
            };
        }
    }

    private final Map<End, AtomicLong> counts = new EnumMap<>(End.class);
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong picodollars = new AtomicLong();
    private final Map<Cause, Met> causes = new ConcurrentHashMap<>();

    EndedCalls() {
        for (End end : End.values()) {
            counts.put(end, new AtomicLong());
        }
    }

    /** @param minute in which the call ended */
    void add(Spent spent, long minute) {
        Spent.Told told = spent.told();
        count(End.of(told)).incrementAndGet();
        if (Facts.isReuse(spent.facts().cache())) {
            hits.incrementAndGet();
        }
        if (spent.cost().picodollars() > 0) {
            picodollars.addAndGet(spent.cost().picodollars());
        }
        if (told.outcome() != Outcome.ANSWERED) {
            boolean full = causes.size() >= MOST_CAUSES;
            String limit = full ? "" : told.why().limit();
            String keyId = full || told.status() != UNAUTHORIZED ? "" : spent.facts().keyId();
            causes.computeIfAbsent(new Cause(told.outcome(), told.status(), told.code(), limit, keyId),
                    first -> new Met()).add(1, minute);
        }
    }

    /** Adds what another has counted. */
    void add(EndedCalls other) {
        other.counts.forEach((end, count) -> count(end).addAndGet(count.get()));
        hits.addAndGet(other.hits.get());
        picodollars.addAndGet(other.picodollars.get());
        other.causes.forEach((cause, met) -> causes.computeIfAbsent(cause, first -> new Met()).add(met.calls.sum(),
                met.minute.get()));
    }

    private AtomicLong count(End end) {
        return Objects.requireNonNull(counts.get(end));
    }

    private long calls() {
        return counts.values().stream().mapToLong(AtomicLong::get).sum();
    }

    private long inTrouble() {
        return count(End.REFUSED).get() + count(End.GATEWAY).get() + count(End.UPSTREAM).get();
    }

    /** The counts by how calls ended, and the cost. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        counts.forEach((end, count) -> json.put(end.field, count.get()));
        return json.put("cache_hits", hits.get()).put("cost_usd", Cost.dollars(picodollars.get()));
    }

    /**
     * The most frequent causes, at most so many, each with the minutes since it was last met.
     *
     * @param now the current minute
     */
    JsonArray causes(int most, long now) {
        JsonArray shown = new JsonArray();
        causes.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Cause, Met> each) -> each.getValue().calls.sum())
                        .reversed())
                .limit(most).forEach(each -> shown.add(new JsonObject().put("outcome", each.getKey().outcome().label())
                        .put("status", each.getKey().status()).put("code", each.getKey().code())
                        .put("limit", each.getKey().limit()).put("key_id", each.getKey().keyId())
                        .put("calls", each.getValue().calls.sum())
                        .put("minutes_ago", now - each.getValue().minute.get())));
        return shown;
    }
}
