package sluice.calls;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Spent;
import sluice.time.Time;

/**
 * How the calls of the last half hour ended at this replica, by minute and tenant, and why calls were refused. Kept in
 * memory, so that looking at it costs neither the ledger nor the request path anything worth mentioning.
 */
public final class RecentCalls {
    /** Minutes kept, the current one included. */
    public static final int MINUTES = 30;
    /** Tenants in one answer: those with the most calls, and more with the most trouble. */
    private static final int MOST_SHOWN = 40;
    private static final int BUSIEST_SHOWN = 10;
    private static final int MOST_CAUSES_SHOWN = 6;

    private final Time time;
    private final AtomicReferenceArray<@Nullable RecentMinute> minutes = new AtomicReferenceArray<>(MINUTES);

    public RecentCalls(Time time) {
        this.time = time;
    }

    /** A call, or an answer of a WebSocket, is over. Called on event loops; returns at once. */
    public void over(Spent spent) {
        current().add(spent);
    }

    private RecentMinute current() {
        long number = minute();
        int place = (int) (number % MINUTES);
        RecentMinute known = minutes.get(place);
        while (known == null || known.number() < number) {
            RecentMinute begun = new RecentMinute(number);
            known = minutes.compareAndSet(place, known, begun) ? begun : minutes.get(place);
        }
        return known;
    }

    private long minute() {
        return TimeUnit.MILLISECONDS.toMinutes(time.now().toEpochMilli());
    }

    /**
     * As replicas tell one another: {@code minutes} from the oldest, each with its number and its counts, and
     * {@code tenants}, each with its counts and why its calls failed.
     *
     * @param only the tenant to show; empty for all
     */
    public JsonObject json(Optional<String> only) {
        long now = minute();
        JsonArray shown = new JsonArray();
        Map<String, EndedCalls> tenants = new HashMap<>();
        for (long number = now - MINUTES + 1; number <= now; number++) {
            RecentMinute minute = minutes.get((int) (number % MINUTES));
            if (minute != null && minute.number() == number) {
                minute.addTo(tenants, only);
                shown.add(only.map(minute::of).orElseGet(minute::all).json().put("minute", number));
            }
        }
        return new JsonObject().put("now", now).put("minutes", shown).put("tenants", tenants(tenants, now));
    }

    private static JsonArray tenants(Map<String, EndedCalls> tenants, long now) {
        JsonArray shown = new JsonArray();
        Stream.concat(first(BUSIEST_SHOWN, tenants, EndedCalls.BUSIEST_FIRST),
                first(MOST_SHOWN, tenants, EndedCalls.WORST_FIRST)).distinct().limit(MOST_SHOWN)
                .forEach(each -> shown.add(each.getValue().json().put("tenant", each.getKey())
                        .put("causes", each.getValue().causes(MOST_CAUSES_SHOWN, now))));
        return shown;
    }

    private static Stream<Map.Entry<String, EndedCalls>> first(int most, Map<String, EndedCalls> tenants,
            Comparator<EndedCalls> order) {
        return tenants.entrySet().stream().sorted(Map.Entry.<String, EndedCalls>comparingByValue(order)
                .thenComparing(Map.Entry.comparingByKey())).limit(most);
    }
}
