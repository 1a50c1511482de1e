package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;

/** The keys of tenants, by id: the first 12 digits of the digest, as logs and the configuration show it. */
final class KeysResource {
    private static final Pattern KEY_ID = Pattern.compile("[0-9a-f]{12}");

    private final Operations.KeyChange keys;

    KeysResource(Operations.KeyChange keys) {
        this.keys = keys;
    }

    Future<Reply> change(AdminCall call, boolean revoked) {
        call.knows();
        String id = call.path("id");
        if (!KEY_ID.matcher(id).matches()) {
            throw Fault.of(400, "invalid_key_id", "A key's id is the first 12 hexadecimal digits of its digest.");
        }
        return keys.apply(id, revoked).map(done -> Reply.json(new JsonObject().put("key", id).put("revoked", revoked)))
                .recover(lost -> Future.failedFuture(Fault.of(503, "not_shared", "This is in effect on this replica, "
                        + "but could not be written down and sent to all others. Please repeat the request.")));
    }
}
