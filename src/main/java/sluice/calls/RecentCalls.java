package sluice.calls;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
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
    /** Tenants in one answer: those with the most trouble, then those with the most calls. */
    private static final int MOST_SHOWN = 40;
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
        return new JsonObject().put("now", now).put("minutes", shown).put("tenants", tenants(tenants));
    }

    private static JsonArray tenants(Map<String, EndedCalls> tenants) {
        List<Map.Entry<String, EndedCalls>> all = new ArrayList<>(tenants.entrySet());
        all.sort(Comparator.comparing((Map.Entry<String, EndedCalls> each) -> each.getValue(), EndedCalls.WORST_FIRST)
                .thenComparing(Map.Entry::getKey));
        JsonArray shown = new JsonArray();
        all.stream().limit(MOST_SHOWN).forEach(each -> shown.add(each.getValue().json().put("tenant", each.getKey())
                .put("causes", each.getValue().causes(MOST_CAUSES_SHOWN))));
        return shown;
    }
}
