package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;

/** Who is calling, and what a page needs to know besides. */
final class SessionResource {
    private final Supplier<BaseUrl> baseUrl;

    SessionResource(Supplier<BaseUrl> baseUrl) {
        this.baseUrl = baseUrl;
    }

    Future<Reply> session(AdminCall call) {
        call.knows();
        Principal who = call.principal();
        BaseUrl callers = baseUrl.get();
        return Future.succeededFuture(Reply.json(new JsonObject().put("object", "session").put("name", who.name())
                .put("role", who.role().toString())
                .put("tenant", call.onlyTenant().orElse(null))
                .put("expires_at", who.session().map(session -> session.until().toString()).orElse(null))
                .put("csrf_token", who.session().map(Sessions.Session::csrf).orElse(null))
                .put("base_url", callers.seenFrom(Optional.ofNullable(call.headers().get("host"))))
                .put("base_url_guessed", callers.isGuessed())));
    }
}
