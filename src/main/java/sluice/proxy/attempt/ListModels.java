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
import java.util.Set;
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
 * Answers {@code GET /models} with the models that the tenant may use and its accounts serve: those of the upstream's
 * list, and those that accounts serve by name, which another account or Azure does not list. Spends no model quota.
 */
public final class ListModels implements Stage<Opened, Answer> {
    /** The longest list, in bytes; the real one has some tens of thousands. */
    private static final int MOST_BYTES = 4 * 1024 * 1024;

    private final Vertx vertx;
    private final Duration patience;
    private final BodyWork work;
    private final Serving serving;
    private final GatewayHeaders gatewayHeaders;

    /** @param patience for the whole list, from its head on */
    public ListModels(Vertx vertx, Duration patience, BodyWork work, Serving serving, GatewayHeaders gatewayHeaders) {
        this.vertx = vertx;
        this.patience = patience;
        this.work = work;
        this.serving = serving;
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
        boolean passes = tenant.mayUseAny() && serving.hasAny(accounts);
        return opened.response().status() == 200 && !passes && body.length() > 0
                ? work.on(body.length(), () -> allowed(body, tenant, accounts))
                : Future.succeededFuture(body);
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

    /** The list, as far as the tenant may use it, and what it lacks; empty if this is no list of models. */
    private Buffer allowed(Buffer body, Tenant tenant, Set<String> accounts) {
        try {
            JsonObject list = new JsonObject(body);
            JsonArray kept = new JsonArray();
            Set<String> unlisted = serving.named(accounts);
            unlisted.removeIf(name -> !tenant.mayUse(name));
            for (Object model : list.getJsonArray("data", new JsonArray())) {
                if (model instanceof JsonObject entry && tenant.mayUse(entry.getString("id", ""))
                        && serving.has(accounts, entry.getString("id", ""))) {
                    kept.add(entry);
                    unlisted.remove(entry.getString("id"));
                }
            }
            unlisted.forEach(name -> kept.add(new JsonObject().put("id", name).put("object", "model").put("created", 0)
                    .put("owned_by", "system")));
            return list.put("data", kept).toBuffer();
        } catch (DecodeException | ClassCastException e) {
            return new JsonObject().put("object", "list").put("data", new JsonArray()).toBuffer();
        }
    }
}
