package sluice.simulator;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a simulator has received and answered under {@code /v1}. Thread-safe; kept in memory only. A call is accepted
 * when the limits admit it, whatever happens next; it is cancelled when the client leaves before the answer's end.
 */
public final class Statistics {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int REQUESTS_KEPT = 100;
    private static final int NAMES_MAX = 10_000;

    private final LongAdder requests = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder inFlight = new LongAdder();
    private final Map<Integer, LongAdder> statuses = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> accounts = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> keyIds = new ConcurrentHashMap<>();
    private final Map<String, Timeline> accepted = new ConcurrentHashMap<>();
    private final Set<String> authorizations = ConcurrentHashMap.newKeySet();
    private final Set<String> routes = ConcurrentHashMap.newKeySet();
    private final Deque<ReceivedRequest> last = new ArrayDeque<>();
    private final Deque<String> frames = new ArrayDeque<>();

    Statistics() {}

    /** All requests, answered or not. */
    public long requests() {
        return requests.sum();
    }

    /** Requests with a key of this account. */
    public long requests(String account) {
        return sum(accounts, account);
    }

    /** Requests by key id, including invalid keys. */
    public Map<String, Long> requestsByKeyId() {
        return sums(keyIds);
    }

    /** The distinct values of the {@code authorization} header, as sent. */
    public Set<String> authorizations() {
        return Set.copyOf(authorizations);
    }

    /** Answers by status; an answer counts when its head is written. */
    public Map<Integer, Long> statuses() {
        return sums(statuses);
    }

    public long status(int status) {
        return sum(statuses, status);
    }

    /** Answers with status 429. */
    public long rateLimited() {
        return status(429);
    }

    /** Requests whose client left before the end of the answer. */
    public long cancelled() {
        return cancelled.sum();
    }

    /** Requests that have arrived and whose answer has not ended. */
    public long inFlight() {
        return inFlight.sum();
    }

    /** Calls of this account that its limits admitted. */
    public long accepted(String account) {
        Timeline timeline = accepted.get(account);
        return timeline == null ? 0 : timeline.count();
    }

    /** The most accepted calls of this account in any span of this length, among its last 1,000,000. */
    public long maxInAnyWindow(String account, Duration window) {
        Timeline timeline = accepted.get(account);
        return timeline == null ? 0 : timeline.maxInAnyWindow(window.toNanos());
    }

    /** How long ago this account's last 1,000,000 accepted calls were, in milliseconds, oldest first. */
    public long[] acceptedMillisAgo(String account, long nowNanos) {
        Timeline timeline = accepted.get(account);
        return timeline == null
                ? new long[0]
                : Arrays.stream(timeline.moments()).map(then -> TimeUnit.NANOSECONDS.toMillis(nowNanos - then))
                        .toArray();
    }

    /** The routes that have been answered without an error, each as a method, a space, and a path with {@code {}}. */
    public Set<String> routes() {
        return Set.copyOf(routes);
    }

    /** The last 100 requests, oldest first, with their secrets. */
    public List<ReceivedRequest> lastRequests() {
        synchronized (last) {
            return List.copyOf(last);
        }
    }

    /** The last 100 text frames of clients, oldest first, as sent. */
    public List<String> lastFrames() {
        synchronized (frames) {
            return List.copyOf(frames);
        }
    }

    /** Everything except secrets. */
    public JsonObject toJson() {
        JsonObject perAccount = new JsonObject();
        Set<String> names = new TreeSet<>(accounts.keySet());
        names.addAll(accepted.keySet());
        names.forEach(name -> perAccount.put(name, accountJson(name)));
        return new JsonObject()
                .put("requests", requests())
                .put("inFlight", inFlight())
                .put("cancelled", cancelled())
                .put("rateLimited", rateLimited())
                .put("statuses", json(statuses))
                .put("keys", json(keyIds))
                .put("accounts", perAccount);
    }

    private JsonObject accountJson(String account) {
        return new JsonObject()
                .put("requests", requests(account))
                .put("accepted", accepted(account))
                .put("window60Max", maxInAnyWindow(account, MINUTE));
    }

    void arrived() {
        requests.increment();
        inFlight.increment();
    }

    void received(ReceivedRequest request) {
        keep(request, last);
    }

    void frame(String text) {
        keep(text, frames);
    }

    private static <T> void keep(T newest, Deque<T> kept) {
        synchronized (kept) {
            if (kept.size() == REQUESTS_KEPT) {
                kept.removeFirst();
            }
            kept.addLast(newest);
        }
    }

    void authorization(String header, String keyId) {
        if (authorizations.size() < NAMES_MAX) {
            authorizations.add(header);
        }
        if (keyIds.size() < NAMES_MAX || keyIds.containsKey(keyId)) {
            count(keyIds, keyId);
        }
    }

    void account(String account) {
        count(accounts, account);
    }

    void accept(String account, long nowNanos) {
        accepted.computeIfAbsent(account, any -> new Timeline()).add(nowNanos);
    }

    void answered(int status) {
        count(statuses, status);
    }

    /** A route of the simulator was answered without an error. */
    void served(String route) {
        routes.add(route);
    }

    void ended(boolean byClient) {
        inFlight.decrement();
        if (byClient) {
            cancelled.increment();
        }
    }

    private static <K> void count(Map<K, LongAdder> counters, K key) {
        counters.computeIfAbsent(key, any -> new LongAdder()).increment();
    }

    private static <K> long sum(Map<K, LongAdder> counters, K key) {
        LongAdder counter = counters.get(key);
        return counter == null ? 0 : counter.sum();
    }

    private static <K> Map<K, Long> sums(Map<K, LongAdder> counters) {
        Map<K, Long> sums = new TreeMap<>();
        counters.forEach((key, counter) -> sums.put(key, counter.sum()));
        return sums;
    }

    private static <K> JsonObject json(Map<K, LongAdder> counters) {
        JsonObject json = new JsonObject();
        sums(counters).forEach((key, sum) -> json.put(String.valueOf(key), sum));
        return json;
    }
}
