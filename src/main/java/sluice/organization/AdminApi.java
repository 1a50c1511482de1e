package sluice.organization;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
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
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sluice.net.BeginningOfBody;
import sluice.price.Cost;
import sluice.quota.Limit;
import sluice.upstream.AccountClient;
import sluice.upstream.AccountModels;

/**
 * The part of OpenAI's administration API that reports limits and costs. It needs an admin key and changes nothing.
 * An answer that is not fully understood is discarded; failures have a message without secrets.
 */
final class AdminApi {
    private static final long PATIENCE_MILLIS = 30_000;
    private static final int MOST_BYTES = 1 << 20;
    /** Pages of one list. */
    private static final int MOST_PAGES = 20;
    private static final int MOST_MODELS = 1_000;
    /** The largest limit that a configuration may have. */
    private static final long LARGEST_LIMIT = 1_000_000_000;
    /** Dollars of a day. */
    private static final double DEAREST_DAY = 1e6;

    private final AccountClient client;

    /** @param client its account's only key is the admin key */
    AdminApi(AccountClient client) {
        this.client = client;
    }

    /** The limits of a project, by model. */
    Future<Map<String, List<Limit>>> limits(String project) {
        Map<String, List<Limit>> byModel = new TreeMap<>();
        return pages("/organization/projects/" + encoded(project) + "/rate_limits?limit=100", "&after=", 1, list -> {
            for (Object each : list.getJsonArray("data")) {
                JsonObject told = (JsonObject) each;
                String model = told.getString("model");
                List<Limit> limits = limits(told);
                if (model.length() <= AccountModels.LONGEST_NAME && !limits.isEmpty()
                        && byModel.size() < MOST_MODELS) {
                    byModel.put(model, limits);
                }
            }
            return next(list, "last_id");
        }).compose(read -> byModel.isEmpty()
                ? Future.failedFuture("no limits of project " + project)
                : Future.succeededFuture(byModel));
    }

    private static List<Limit> limits(JsonObject told) {
        List<Limit> limits = new ArrayList<>();
        add(limits, Limit.Kind.RPM, told.getValue("max_requests_per_1_minute"));
        add(limits, Limit.Kind.RPD, told.getValue("max_requests_per_1_day"));
        add(limits, Limit.Kind.TPM, told.getValue("max_tokens_per_1_minute"));
        return limits;
    }

    private static void add(List<Limit> limits, Limit.Kind kind, @Nullable Object told) {
        if (told instanceof Number number && number.doubleValue() >= 1) {
            limits.add(new Limit(kind, (long) Math.min(LARGEST_LIMIT, number.doubleValue())));
        }
    }

    /**
     * What a day of UTC has cost, in picodollars.
     *
     * @param projects counted; all of the organization's if there are none
     */
    Future<Long> costs(LocalDate day, List<String> projects) {
        StringBuilder path = new StringBuilder("/organization/costs?bucket_width=1d&limit=1&start_time=")
                .append(day.atStartOfDay().toEpochSecond(ZoneOffset.UTC)).append("&end_time=")
                .append(day.plusDays(1).atStartOfDay().toEpochSecond(ZoneOffset.UTC));
        projects.forEach(project -> path.append("&project_ids%5B%5D=").append(encoded(project)));
        List<BigDecimal> dollars = new ArrayList<>();
        return pages(path.toString(), "&page=", 1, list -> {
            for (Object bucket : list.getJsonArray("data")) {
                for (Object result : ((JsonObject) bucket).getJsonArray("results")) {
                    dollars.add(dollars(((JsonObject) result).getJsonObject("amount")));
                }
            }
            return next(list, "next_page");
        }).map(read -> dollars.stream().reduce(BigDecimal.ZERO, BigDecimal::add).max(BigDecimal.ZERO)
                .min(BigDecimal.valueOf(DEAREST_DAY)).multiply(BigDecimal.valueOf(Cost.PER_DOLLAR))
                .setScale(0, RoundingMode.HALF_EVEN).longValueExact());
    }

    /** Through a double, in which no number is long. */
    private static BigDecimal dollars(JsonObject amount) {
        double value = amount.getDouble("value");
        if (!amount.getString("currency").equalsIgnoreCase("usd") || !(Math.abs(value) <= DEAREST_DAY)) {
            throw new IllegalArgumentException("an amount that is not in dollars of a day");
        }
        return BigDecimal.valueOf(value);
    }

    /** What to ask for the next page with; empty after the last. */
    private static Optional<String> next(JsonObject list, String field) {
        return list.getBoolean("has_more", false)
                ? Optional.of(list.getString(field)).filter(cursor -> !cursor.isEmpty())
                : Optional.empty();
    }

    /** Reads one page after the other. */
    private Future<Void> pages(String target, String cursor, int page,
            Function<JsonObject, Optional<String>> read) {
        return get(target, read).compose(next -> {
            if (next.isEmpty()) {
                return Future.succeededFuture();
            }
            return page == MOST_PAGES
                    ? Future.failedFuture("too many pages of GET " + path(target))
                    : pages(target.replaceFirst(cursor + ".*", "") + cursor + encoded(next.get()), cursor, page + 1,
                            read);
        });
    }

    private Future<Optional<String>> get(String target, Function<JsonObject, Optional<String>> read) {
        BeginningOfBody body = new BeginningOfBody(MOST_BYTES);
        HttpRequest<Buffer> request = WebClient.wrap(client.http())
                .request(client.options(HttpMethod.GET, target)).timeout(PATIENCE_MILLIS);
        client.account().open(request.headers(), client.account().keys().getFirst());
        return request.as(BodyCodec.pipe(body)).send().compose(
                response -> understood(path(target), response, body.bytes(), read),
                failure -> Future.failedFuture("no answer to GET " + path(target)));
    }

    private static Future<Optional<String>> understood(String path, HttpResponse<Void> response, Buffer body,
            Function<JsonObject, Optional<String>> read) {
        int status = response.statusCode();
        if (status != 200) {
            return Future.failedFuture("status " + status + " to GET " + path
                    + (status == 401 || status == 403 ? "; openai-admin.key must be an admin key" : ""));
        }
        try {
            return Future.succeededFuture(read.apply(body.toJsonObject()));
        } catch (DecodeException | ClassCastException | NullPointerException | IllegalArgumentException odd) {
            return Future.failedFuture("an answer to GET " + path + " that is malformed");
        }
    }

    private static String path(String target) {
        return target.substring(0, target.indexOf('?'));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
