package sluice.simulator.answers;

import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Reply;

/** Asks how many input tokens a call would have. */
public record TokenCount(Call call) implements Ask {

    @Override
    public String model() {
        return call.model();
    }

    @Override
    public long tokensCharged() {
        return 0;
    }

    @Override
    public Reply reply(Manner manner) {
        return Reply.json(new JsonObject()
                .put("object", "response.input_tokens")
                .put("input_tokens", call.inputTokens()));
    }
}
