package sluice.simulator;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import sluice.simulator.objects.Paths;
import sluice.simulator.objects.Visit;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/**
 * What administrators of an organization read: the limits of its projects, and costs, which are set through {@link
 * Steering}.
 */
final class Organization {
    private static final List<String> MODELS = List.of("gpt-4o", "gpt-4o-mini", "gpt-5", "o3",
            "text-embedding-3-small");
    /** Pages are short, so that clients must follow them. */
    private static final int PAGE = 2;

    private final List<SimulatedAccount> accounts;
    private final Map<LocalDate, BigDecimal> costs = new ConcurrentHashMap<>();

    Organization(List<SimulatedAccount> accounts) {
        this.accounts = List.copyOf(accounts);
    }

    void addTo(Paths paths) {
        paths.free(HttpMethod.GET, "organization/projects/:project/rate_limits", this::limits);
        paths.free(HttpMethod.GET, "organization/costs", this::costs);
        paths.free(HttpMethod.GET, "organization/usage/decisions", Organization::decisions);
    }

    /** Sets the costs of a day of UTC, in dollars. */
    void cost(LocalDate day, BigDecimal dollars) {
        costs.put(day, dollars);
    }

    private Reply limits(Visit visit) {
        SimulatedAccount account = accounts.stream()
                .filter(each -> each.organization().equals(visit.organization())).findFirst().orElseThrow();
        String after = String.valueOf(visit.request().getParam("after"));
        int from = MODELS.indexOf(after.replaceFirst("^rl-", "")) + 1;
        List<String> page = MODELS.subList(from, Math.min(from + PAGE, MODELS.size()));
        return Reply.json(new JsonObject().put("object", "list")
                .put("data", new JsonArray(page.stream().map(model -> limit(model, account)).toList()))
                .put("first_id", page.isEmpty() ? null : "rl-" + page.getFirst())
                .put("last_id", page.isEmpty() ? null : "rl-" + page.getLast())
                .put("has_more", from + PAGE < MODELS.size()));
    }

    private static JsonObject limit(String model, SimulatedAccount account) {
        JsonObject limit = new JsonObject().put("object", "project.rate_limit").put("id", "rl-" + model)
                .put("model", model);
        put(limit, "max_requests_per_1_minute", account.rpm());
        put(limit, "max_tokens_per_1_minute", account.tpm());
        put(limit, "max_requests_per_1_day", account.rpd());
        return limit;
    }

    private static void put(JsonObject limit, String field, OptionalLong amount) {
        amount.ifPresent(value -> limit.put(field, value));
    }

    private Reply costs(Visit visit) {
        long from = start(visit);
        BigDecimal dollars = costs.get(LocalDate.ofInstant(Instant.ofEpochSecond(from), ZoneOffset.UTC));
        JsonArray results = new JsonArray();
        if (dollars != null) {
            results.add(new JsonObject().put("object", "organization.costs.result")
                    .put("amount", new JsonObject().put("value", dollars.doubleValue()).put("currency", "usd"))
                    .putNull("line_item").putNull("project_id"));
        }
        return day(from, results);
    }

    /** No decision has been counted. */
    private static Reply decisions(Visit visit) {
        return day(start(visit), new JsonArray().add(new JsonObject()
                .put("object", "organization.usage.decisions.result").put("input_tokens", 0).put("output_tokens", 0)
                .put("num_model_requests", 0)));
    }

    private static long start(Visit visit) {
        String start = visit.request().getParam("start_time");
        if (start == null || !start.matches("[0-9]{1,12}")) {
            throw new BadCall(ApiError.invalid("Missing required parameter: 'start_time'.", "start_time", null));
        }
        return Long.parseLong(start);
    }

    /** A page with the one day that begins then. */
    private static Reply day(long from, JsonArray results) {
        return Reply.json(new JsonObject().put("object", "page")
                .put("data", new JsonArray().add(new JsonObject().put("object", "bucket").put("start_time", from)
                        .put("end_time", from + 86_400).put("results", results)))
                .put("has_more", false).putNull("next_page"));
    }
}
