package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import sluice.calls.RecentCalls;
import sluice.time.Time;

/**
 * The gateway at a glance, over all replicas: how the calls of the last half hour ended, whose were refused and by
 * what, who waits, and what holds up the accounts. One cheap question, made to be asked every few seconds.
 */
final class OverviewResource {
    private static final String TOPIC = "recent";
    private static final List<String> COUNTS = List.of("answered", "cache_hits", "refused", "gateway_errors",
            "upstream_errors", "client_gone");
    private static final String COST = "cost_usd";
    private static final String TENANT = "tenant";
    private static final String CAUSES = "causes";
    private static final String LAST = "last";
    private static final String TROUBLES = "troubles";
    private static final String REPLICAS = "replicas";
    private static final List<String> GRAVEST_FIRST = Arrays.stream(Trouble.What.values()).map(Trouble.What::word)
            .toList();

    private final Fleet fleet;
    private final Time time;

    OverviewResource(Fleet fleet, RecentCalls recent, Troubles troubles, EndingKeys ending, Time time) {
        this.fleet = fleet;
        this.time = time;
        troubles.add(() -> ending.of(Optional.empty()));
        fleet.answers(TOPIC, question -> {
            Optional<String> only = Optional.ofNullable(question.getString(TENANT));
            JsonArray wrong = only.isEmpty() ? troubles.json() : Troubles.json(ending.of(only));
            return recent.json(only).put(TROUBLES, wrong);
        });
    }

    Future<Reply> overview(AdminCall call) {
        call.knows();
        Optional<String> own = call.onlyTenant();
        JsonObject question = new JsonObject();
        own.ifPresent(tenant -> question.put(TENANT, tenant));
        Future<Fleet.Heard> recent = fleet.ask(TOPIC, question);
        Future<Fleet.Heard> queue = fleet.ask(QueueResource.TOPIC, new JsonObject());
        return Future.all(recent, queue).map(both -> Reply.json(shown(recent.result(), queue.result(), own)));
    }

    private JsonObject shown(Fleet.Heard recent, Fleet.Heard queue, Optional<String> own) {
        List<JsonObject> waiting = QueueResource.tenants(queue).stream().map(JsonObject.class::cast)
                .filter(each -> own.isEmpty() || own.get().equals(each.getString(TENANT))).toList();
        int waits = own.isEmpty()
                ? queue.said().mapToInt(said -> said.getInteger("waiting")).sum()
                : waiting.stream().mapToInt(each -> each.getInteger("interactive") + each.getInteger("batch")).sum();
        return new JsonObject().put("object", "overview").put("at", time.now().toString())
                .put(TROUBLES, troubles(recent)).put("minutes", minutes(recent)).put("tenants", tenants(recent))
                .put("waiting", waits)
                .put("waiting_tenants", new JsonArray(waiting))
                .put("accounts", own.isEmpty() ? QueueResource.accounts(queue) : new JsonArray())
                .put("complete", recent.whole() && queue.whole())
                .put(REPLICAS, recent.json(said -> new JsonObject()));
    }

    /** The same trouble of several replicas is one, since the first of them had it; the gravest come first. */
    private static JsonArray troubles(Fleet.Heard recent) {
        Stream<JsonObject> all = recent.voices().stream().flatMap(voice -> voice.said().stream()
                .flatMap(said -> said.getJsonArray(TROUBLES, new JsonArray()).stream()).map(JsonObject.class::cast)
                .map(trouble -> trouble.copy().put(REPLICAS, new JsonArray().add(voice.replica()))));
        List<JsonObject> merged = new ArrayList<>(QueueResource.merged(all, List.of("what", "text"),
                (one, other) -> (began(one).isAfter(began(other)) ? other : one).copy()
                        .put(REPLICAS, new JsonArray(Stream.of(one, other)
                                .flatMap(each -> each.getJsonArray(REPLICAS).stream()).distinct().toList()))));
        merged.sort(Comparator.comparingInt(OverviewResource::rank).thenComparing(OverviewResource::began));
        return new JsonArray(merged);
    }

    private static Instant began(JsonObject trouble) {
        return Instant.parse(trouble.getString("since"));
    }

    /** A newer replica may know a kind that this one does not. */
    private static int rank(JsonObject trouble) {
        int known = GRAVEST_FIRST.indexOf(trouble.getString("what"));
        return known < 0 ? GRAVEST_FIRST.size() : known;
    }

    /** Every minute, also those without a call, the oldest first. */
    private static JsonArray minutes(Fleet.Heard recent) {
        Map<Long, JsonObject> known = new HashMap<>();
        recent.said().flatMap(said -> said.getJsonArray("minutes").stream()).map(JsonObject.class::cast)
                .forEach(minute -> known.merge(minute.getLong("minute"), minute, OverviewResource::sum));
        long last = recent.said().mapToLong(said -> said.getLong("now")).max().orElse(0);
        JsonArray minutes = new JsonArray();
        for (long minute = last - RecentCalls.MINUTES + 1; minute <= last; minute++) {
            minutes.add(sum(known.getOrDefault(minute, new JsonObject()), new JsonObject()).put("at", minute(minute)));
        }
        return minutes;
    }

    /** Those with the most trouble first, then those with the most calls. */
    private static JsonArray tenants(Fleet.Heard recent) {
        Stream<JsonObject> told = recent.said().flatMap(said -> said.getJsonArray("tenants").stream()
                .map(JsonObject.class::cast).map(tenant -> dated(tenant, said.getLong("now"))));
        List<JsonObject> all = new ArrayList<>(QueueResource.merged(told, List.of(TENANT),
                (one, other) -> sum(one, other).put(TENANT, one.getString(TENANT)).put(CAUSES, causes(one, other))));
        all.sort(Comparator.comparingLong(OverviewResource::inTrouble).thenComparingLong(OverviewResource::calls)
                .reversed());
        return new JsonArray(all);
    }

    /** With the minute in which each cause was last met. */
    private static JsonObject dated(JsonObject tenant, long now) {
        JsonArray causes = new JsonArray();
        tenant.getJsonArray(CAUSES).stream().map(JsonObject.class::cast).map(JsonObject::copy).forEach(cause -> {
            // A replica of an older version does not tell it.
            Object ago = cause.remove("minutes_ago");
            causes.add(cause.put(LAST, minute(now - (ago instanceof Number known ? known.longValue() : 0))));
        });
        return tenant.copy().put(CAUSES, causes);
    }

    private static String minute(long number) {
        return Instant.ofEpochSecond(TimeUnit.MINUTES.toSeconds(number)).toString();
    }

    private static long calls(JsonObject tenant) {
        return inTrouble(tenant) + tenant.getLong("answered") + tenant.getLong("client_gone");
    }

    private static long inTrouble(JsonObject tenant) {
        return tenant.getLong("refused") + tenant.getLong("gateway_errors") + tenant.getLong("upstream_errors");
    }

    private static JsonArray causes(JsonObject one, JsonObject other) {
        List<JsonObject> all = new ArrayList<>(QueueResource.merged(Stream.of(one, other), CAUSES,
                List.of("outcome", "code", "limit", "key_id"),
                (first, second) -> (first.getString(LAST).compareTo(second.getString(LAST)) < 0 ? second : first).copy()
                        .put("calls", first.getLong("calls") + second.getLong("calls"))));
        all.sort(Comparator.comparingLong((JsonObject cause) -> cause.getLong("calls")).reversed());
        return new JsonArray(all);
    }

    private static JsonObject sum(JsonObject one, JsonObject other) {
        JsonObject sum = new JsonObject();
        COUNTS.forEach(count -> sum.put(count, one.getLong(count, 0L) + other.getLong(count, 0L)));
        return sum.put(COST, dollars(one).add(dollars(other)));
    }

    private static BigDecimal dollars(JsonObject counts) {
        return new BigDecimal(String.valueOf(counts.getValue(COST, "0")));
    }
}
