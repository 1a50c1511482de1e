package sluice.proxy.owned;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.inbound.InboundResponse;
import sluice.openai.Served;
import sluice.proxy.Attempt.Opened;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.body.BodyWork;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.time.Time;
import sluice.upstream.call.ShortAnswer;
import sluice.upstream.call.UpstreamCall;
import sluice.upstream.call.UpstreamResponse;

/**
 * Answers a list of stored objects without those of other tenants. A page of which nothing remains is skipped, since callers
 * would stop there: the next one is fetched instead.
 */
public final class ListObjects implements Stage<Opened, Answer> {
    /** The longest page, in bytes. */
    private static final int MOST_BYTES = 8 * 1024 * 1024;
    /** How many pages may be skipped for one answer. */
    private static final int MOST_PAGES = 100;
    private static final int LONGEST_PAGE = 100;
    private static final Duration MOST_TIME = Duration.ofSeconds(20);
    /** What was made along with an object and is its owner's too: the kind of what a field names. */
    private static final Map<String, String> ALONG = Map.of("output_file_id", "files", "error_file_id", "files",
            "result_files", "files", "fine_tuned_model", "models");
    private static final String DATA = "data";
    private static final String HAS_MORE = "has_more";

    /** A page as the upstream has sent it. */
    private record Page(JsonObject list, List<JsonObject> data) {

        boolean hasMore() {
            return Boolean.TRUE.equals(list.getValue(HAS_MORE)) && !data.isEmpty();
        }

        List<String> ids() {
            return data.stream().map(Page::id).toList();
        }

        static String id(JsonObject object) {
            return object.getValue("id") instanceof String id ? id : "";
        }

        Page of(List<JsonObject> kept) {
            return new Page(list, kept);
        }

        Buffer buffer(boolean more) {
            JsonObject shown = list.copy().put(DATA, new JsonArray(data)).put(HAS_MORE, more);
            if (list.containsKey("first_id")) {
                shown.put("first_id", data.isEmpty() ? null : id(data.getFirst()));
            }
            if (list.containsKey("last_id")) {
                shown.put("last_id", data.isEmpty() ? null : id(data.getLast()));
            }
            return shown.toBuffer();
        }
    }

    private final Vertx vertx;
    private final Duration patience;
    private final BodyWork work;
    private final GatewayHeaders gatewayHeaders;
    private final Ownership ownership;
    private final Time time;

    /** @param patience for a whole page, from its head on */
    public ListObjects(Vertx vertx, Duration patience, BodyWork work, GatewayHeaders gatewayHeaders,
            Ownership ownership, Time time) {
        this.vertx = vertx;
        this.patience = patience;
        this.work = work;
        this.gatewayHeaders = gatewayHeaders;
        this.ownership = ownership;
        this.time = time;
    }

    @Override
    public Future<Answer> apply(Opened opened) {
        String kind = opened.ask().owned().orElseThrow().kind();
        return page(opened.call(), opened.response()).compose(first -> ownership.seesAny(opened, kind)
                .compose(any -> any
                        ? found(opened, kind, first, 1, time.nanos())
                        : work.on(0, () -> first.of(List.of()).buffer(false))))
                .map(shown -> answer(opened, shown));
    }

    /** The page without other tenants' objects, or the first page after it of which something remains. */
    private Future<Buffer> found(Opened opened, String kind, Page page, int pages, long since) {
        return ownership.foreign(opened, page.ids()).compose(foreign -> {
            List<JsonObject> kept = page.data().stream().filter(each -> !foreign.contains(Page.id(each))).toList();
            boolean goesOn = kept.isEmpty() && page.hasMore() && pages < MOST_PAGES
                    && time.nanos() - since < MOST_TIME.toNanos() && !opened.departure().gone();
            if (goesOn) {
                return next(opened, page.ids().getLast())
                        .compose(after -> found(opened, kind, after, pages + 1, since));
            }
            kept.forEach(each -> along(opened, each));
            return work.on(0, () -> page.of(kept).buffer(page.hasMore()));
        });
    }

    private void along(Opened opened, JsonObject object) {
        ALONG.forEach((field, kind) -> {
            Object value = object.getValue(field);
            List<?> ids = value instanceof JsonArray array ? array.getList() : List.of(String.valueOf(value));
            ids.stream().filter(id -> value != null).forEach(id -> ownership.made(opened, kind, String.valueOf(id)));
        });
    }

    private Future<Page> next(Opened opened, String after) {
        return opened.client().open(HttpMethod.GET, target(opened.arrival().route().target(), after))
                .compose(request -> {
                    UpstreamCall call = new UpstreamCall(request);
                    Headers.toUpstream(opened.request().headers(), request.headers(), opened.client().account(),
                            opened.capacity().watch().key(), true);
                    Future<Void> sent = request.end();
                    call.sending(sent);
                    return sent.compose(whole -> request.response())
                            .compose(response -> response.status() == 200
                                    ? page(call, response)
                                    : Refusal.<Page>of(new Reason.UpstreamStatus(response.status())))
                            .onComplete(over -> call.close());
                });
    }

    /** The same request, for what comes after this object. */
    private static String target(String target, String after) {
        int question = target.indexOf('?');
        List<String> query = new ArrayList<>();
        if (question >= 0) {
            query.addAll(Arrays.stream(target.substring(question + 1).split("&", -1))
                    .filter(field -> !field.startsWith("after=") && !field.startsWith("limit=") && !field.isEmpty())
                    .toList());
        }
        query.add("limit=" + LONGEST_PAGE);
        query.add("after=" + URLEncoder.encode(after, StandardCharsets.UTF_8));
        return (question < 0 ? target : target.substring(0, question)) + "?"
                + query.stream().collect(Collectors.joining("&"));
    }

    private Future<Page> page(UpstreamCall call, UpstreamResponse response) {
        return new ShortAnswer(vertx, call, response, MOST_BYTES, patience.toMillis()).read()
                .compose(body -> call.isAnswered()
                        ? work.on(body.length(), () -> read(body))
                        : Refusal.of(new Reason.UpstreamTooLong()));
    }

    /** Shows nothing of an answer that is not a list. */
    private static Page read(Buffer body) {
        JsonObject list = json(body);
        List<JsonObject> data = new ArrayList<>();
        if (list != null && list.getValue(DATA) instanceof JsonArray array) {
            for (Object each : array) {
                if (each instanceof JsonObject object) {
                    data.add(object);
                }
            }
        }
        return new Page(list == null ? new JsonObject().put("object", "list") : list, data);
    }

    private static @Nullable JsonObject json(Buffer body) {
        try {
            return new JsonObject(body);
        } catch (DecodeException | ClassCastException notOne) {
            return null;
        }
    }

    private Answer answer(Opened opened, Buffer shown) {
        UpstreamResponse from = opened.response();
        InboundResponse to = opened.arrival().response();
        to.status(from.status());
        Headers.toClient(from.headers(), to.headers());
        gatewayHeaders.add(to, opened);
        to.header(HttpHeaders.CONTENT_LENGTH, Integer.toString(shown.length()));
        to.end(shown);
        return Answer.relayed(opened, from.status(), shown.length(), Served.UNTOLD);
    }
}
