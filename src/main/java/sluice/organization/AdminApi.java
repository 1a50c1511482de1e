package sluice.organization;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.codec.BodyCodec;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sluice.account.BeginningOfBody;
import sluice.price.Cost;
import sluice.quota.Limit;
import sluice.upstream.AccountClient;
import sluice.upstream.AccountModels;

/** The part of OpenAI's administration API that tells limits and costs. It wants an admin key and changes nothing. */
final class AdminApi {
    private static final long PATIENCE_MILLIS = 30_000;
    private static final int MOST_BYTES = 1 << 20;
    /** Pages of one list. */
    private static final int MOST_PAGES = 20;

    private final AccountClient client;

    /** @param client its account's only key is the admin key */
    AdminApi(AccountClient client) {
        this.client = client;
    }

    /** The limits of a project, by model; fails with a message without secrets. */
    Future<Map<String, List<Limit>>> limits(String project) {
        return limits("/organization/projects/" + encoded(project) + "/rate_limits?limit=100", "", 1, new TreeMap<>());
    }

    private Future<Map<String, List<Limit>>> limits(String path, String after, int page,
            Map<String, List<Limit>> byModel) {
        return get(path + (after.isEmpty() ? "" : "&after=" + encoded(after))).compose(list -> {
            for (Object each : list.getJsonArray("data", new JsonArray())) {
                JsonObject limit = (JsonObject) each;
                String model = limit.getString("model", "");
                List<Limit> limits = limits(limit);
                if (!model.isEmpty() && model.length() <= AccountModels.LONGEST_NAME && !limits.isEmpty()) {
                    byModel.put(model, limits);
                }
            }
            String last = list.getString("last_id", "");
            return Boolean.TRUE.equals(list.getBoolean("has_more")) && !last.isEmpty() && page < MOST_PAGES
                    ? limits(path, last, page + 1, byModel)
                    : Future.succeededFuture(byModel);
        });
    }

    private static List<Limit> limits(JsonObject told) {
        List<Limit> limits = new ArrayList<>();
        add(limits, Limit.Kind.RPM, told.getValue("max_requests_per_1_minute"));
        add(limits, Limit.Kind.RPD, told.getValue("max_requests_per_1_day"));
        add(limits, Limit.Kind.TPM, told.getValue("max_tokens_per_1_minute"));
        return limits;
    }

    private static void add(List<Limit> limits, Limit.Kind kind, @Nullable Object told) {
        if (told instanceof Number number && number.longValue() > 0) {
            limits.add(new Limit(kind, number.longValue()));
        }
    }

    /**
     * What a day of UTC has cost, in picodollars.
     *
     * @param projects counted; all of the organisation's if there are none
     */
    Future<Long> costs(LocalDate day, List<String> projects) {
        StringBuilder path = new StringBuilder("/organization/costs?bucket_width=1d&limit=1&start_time=")
                .append(day.atStartOfDay().toEpochSecond(ZoneOffset.UTC)).append("&end_time=")
                .append(day.plusDays(1).atStartOfDay().toEpochSecond(ZoneOffset.UTC));
        projects.forEach(project -> path.append("&project_ids%5B%5D=").append(encoded(project)));
        return costs(path.toString(), "", 1, BigDecimal.ZERO).map(dollars -> dollars
                .multiply(BigDecimal.valueOf(Cost.PER_DOLLAR)).setScale(0, RoundingMode.HALF_EVEN).longValue());
    }

    private Future<BigDecimal> costs(String path, String from, int page, BigDecimal before) {
        return get(path + (from.isEmpty() ? "" : "&page=" + encoded(from))).compose(list -> {
            BigDecimal sum = before;
            for (Object bucket : list.getJsonArray("data", new JsonArray())) {
                for (Object result : ((JsonObject) bucket).getJsonArray("results", new JsonArray())) {
                    sum = sum.add(dollars(((JsonObject) result).getJsonObject("amount", new JsonObject())));
                }
            }
            String next = list.getString("next_page", "");
            return Boolean.TRUE.equals(list.getBoolean("has_more")) && next != null && !next.isEmpty()
                    && page < MOST_PAGES
                            ? costs(path, next, page + 1, sum)
                            : Future.succeededFuture(sum);
        });
    }

    private static BigDecimal dollars(JsonObject amount) {
        return "usd".equalsIgnoreCase(amount.getString("currency", "usd"))
                ? new BigDecimal(String.valueOf(amount.getValue("value", 0)))
                : BigDecimal.ZERO;
    }

    private Future<JsonObject> get(String target) {
        BeginningOfBody body = new BeginningOfBody(MOST_BYTES);
        HttpRequest<Buffer> request = WebClient.wrap(client.http())
                .request(client.options(HttpMethod.GET, target)).timeout(PATIENCE_MILLIS);
        client.account().open(request.headers(), client.account().keys().getFirst());
        String path = target.substring(0, target.indexOf('?'));
        return request.as(BodyCodec.pipe(body)).send().compose(response -> object(path, response, body.bytes()),
                failure -> Future.failedFuture("no answer to GET " + path));
    }

    private static Future<JsonObject> object(String path, HttpResponse<Void> response, Buffer body) {
        if (response.statusCode() != 200) {
            return Future.failedFuture("status " + response.statusCode() + " to GET " + path);
        }
        try {
            return Future.succeededFuture(body.toJsonObject());
        } catch (DecodeException e) {
            return Future.failedFuture("an answer to GET " + path + " that is not JSON");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
