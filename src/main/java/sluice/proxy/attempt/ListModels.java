package sluice.proxy.attempt;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import sluice.account.LiveAccount;
import sluice.account.ModelLists;
import sluice.inbound.Discard;
import sluice.inbound.InboundResponse;
import sluice.openai.Served;
import sluice.proxy.Attempt.Opened;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.Headers;
import sluice.proxy.Serving;
import sluice.proxy.Stage;
import sluice.proxy.body.BodyWork;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.tenancy.Tenant;
import sluice.upstream.call.ShortAnswer;
import sluice.upstream.call.UpstreamResponse;

/**
 * Answers {@code GET /models} with the models that the tenant may use and its accounts serve: those of its home account's
 * list, those of its other accounts' lists where they serve different models, and those that accounts serve by name, which
 * Azure does not list. Spends no model quota.
 */
public final class ListModels implements Stage<Opened, Answer> {
    /** The longest list, in bytes; the real one has some tens of thousands. */
    public static final int MOST_BYTES = 4 * 1024 * 1024;

    private final Vertx vertx;
    private final Duration patience;
    private final BodyWork work;
    private final Serving serving;
    private final ModelLists lists;
    private final GatewayHeaders gatewayHeaders;

    private record Listed(LiveAccount account, Buffer list) {}

    /**
     * @param patience for the whole list, from its head on
     * @param lists    of accounts other than the home account
     */
    public ListModels(Vertx vertx, Duration patience, BodyWork work, Serving serving, ModelLists lists,
            GatewayHeaders gatewayHeaders) {
        this.vertx = vertx;
        this.patience = patience;
        this.work = work;
        this.serving = serving;
        this.lists = lists;
        this.gatewayHeaders = gatewayHeaders;
    }

    @Override
    public Future<Answer> apply(Opened opened) {
        return new ShortAnswer(vertx, opened.call(), opened.response(), MOST_BYTES, patience.toMillis()).read()
                .compose(body -> opened.call().isAnswered()
                        ? allowed(opened, body)
                        : Refusal.of(new Reason.UpstreamTooLong()))
                .map(allowed -> answer(opened, allowed));
    }

    private Future<Buffer> allowed(Opened opened, Buffer body) {
        Tenant tenant = opened.declared();
        Set<String> accounts = opened.tenancy().accounts();
        boolean alike = serving.hasAny(accounts);
        if (opened.response().status() != 200 || (tenant.mayUseAny() && alike) || body.length() == 0) {
            return Future.succeededFuture(body);
        }
        List<LiveAccount> others = alike ? List.of() : serving.listing(accounts, opened.account());
        return Future.all(others.stream().map(each -> lists.of(each).map(list -> new Listed(each, list))).toList())
                .compose(answered -> {
                    List<Listed> elsewhere = answered.list();
                    int bytes = body.length() + elsewhere.stream().mapToInt(each -> each.list().length()).sum();
                    return work.on(bytes, () -> allowed(body, elsewhere, tenant, accounts));
                });
    }

    private Answer answer(Opened opened, Buffer allowed) {
        UpstreamResponse from = opened.response();
        InboundResponse to = opened.arrival().response();
        to.status(from.status());
        Headers.toClient(from.headers(), to.headers());
        gatewayHeaders.add(to, opened);
        boolean sending = opened.call().sending();
        if (sending) {
            to.closing();
        }
        if (opened.request().method().equals(HttpMethod.HEAD)) {
            to.end();
        } else {
            to.header(HttpHeaders.CONTENT_LENGTH, Integer.toString(allowed.length()));
            to.end(allowed);
        }
        if (sending) {
            Discard.andStop(vertx, opened.request());
        }
        return Answer.relayed(opened, from.status(), allowed.length(), Served.UNTOLD);
    }

    /** The list, as far as the tenant may use it, and what it lacks; without entries of its own if it is no list. */
    private Buffer allowed(Buffer body, List<Listed> elsewhere, Tenant tenant, Set<String> accounts) {
        JsonObject list = list(body);
        Map<String, JsonObject> kept = new LinkedHashMap<>();
        keep(list, name -> tenant.mayUse(name) && serving.has(accounts, name), kept);
        elsewhere.forEach(other -> keep(list(other.list()),
                name -> tenant.mayUse(name) && other.account().serves(name), kept));
        serving.named(accounts).stream().filter(tenant::mayUse).forEach(name -> kept.putIfAbsent(name,
                new JsonObject().put("id", name).put("object", "model").put("created", 0).put("owned_by", "system")));
        return list.put("data", new JsonArray(List.copyOf(kept.values()))).toBuffer();
    }

    private static void keep(JsonObject list, Predicate<String> wanted, Map<String, JsonObject> kept) {
        for (Object model : list.getJsonArray("data")) {
            if (model instanceof JsonObject entry && entry.getValue("id") instanceof String id && wanted.test(id)) {
                kept.putIfAbsent(id, entry);
            }
        }
    }

    /** An empty one if it cannot be read. */
    private static JsonObject list(Buffer body) {
        try {
            JsonObject list = new JsonObject(body);
            if (list.getValue("data") instanceof JsonArray) {
                return list;
            }
        } catch (DecodeException e) {
            // It is not a list.
        }
        return new JsonObject().put("object", "list").put("data", new JsonArray());
    }
}
