package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Asks for a compacted conversation. */
public record Compaction(Call call) implements Ask {

    @Override
    public String model() {
        return call.model();
    }

    @Override
    public long tokensCharged() {
        return call.tokensCharged();
    }

    @Override
    public Reply reply(Manner manner) {
        Generated answer = Generated.answer(call, manner);
        JsonObject compacted = new JsonObject()
                .put("id", Ids.fresh("cmp_"))
                .put("type", "compaction")
                .put("encrypted_content", Prose.marker(call.inputs().getFirst()));
        return Reply.json(new JsonObject()
                .put("id", answer.id())
                .put("object", "response.compaction")
                .put("created_at", answer.created())
                .put("output", new JsonArray().add(compacted))
                .put("usage", ResponseObject.usage(answer)));
    }
}
