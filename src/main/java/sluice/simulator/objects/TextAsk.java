package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import sluice.simulator.answers.AnswerEvents;
import sluice.simulator.answers.Answers;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.Call;
import sluice.simulator.answers.Endpoint;
import sluice.simulator.answers.Generated;
import sluice.simulator.answers.Manner;
import sluice.simulator.answers.ResponseObject;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/**
 * A call for text, whose answer may be stored.
 *
 * @param stored what the account has stored
 * @param weight size of the request in bytes
 */
public record TextAsk(Call call, Stored stored, long weight) implements Ask {
    private static final int EVENTS_MAX = 1_000_000_000;

    /** Refuses a call that continues a response that does not exist. */
    public static TextAsk of(Call call, Stored stored, long weight) {
        if (call.endpoint() == Endpoint.RESPONSES
                && call.body().getValue("previous_response_id") instanceof String previous
                && stored.responses().find(previous).isEmpty()) {
            throw new BadCall(ApiError.unknownPreviousResponse(previous));
        }
        return new TextAsk(call, stored, weight);
    }

    @Override
    public String model() {
        return call.model();
    }

    @Override
    public long tokensCharged() {
        return call.tokensCharged();
    }

    @Override
    public String serviceTier() {
        return call.serviceTier();
    }

    @Override
    public Reply reply(Manner manner) {
        int chunks = Math.min(manner.chunks(), EVENTS_MAX / (call.inputs().size() * call.choices()));
        Generated answer = answer(manner);
        if (call.stream()) {
            return Reply.events(AnswerEvents.of(answer, chunks));
        }
        return Reply.json(call.background() ? ResponseObject.queued(answer) : Answers.of(answer));
    }

    /** Makes the answer, and stores it if requested. */
    public Generated answer(Manner manner) {
        Generated answer = Generated.answer(call, manner);
        keep(answer, manner.chunks());
        return answer;
    }

    private void keep(Generated answer, int chunks) {
        if (call.endpoint() == Endpoint.RESPONSES && call.stores(true)) {
            stored.responses().put(answer.id(), new KeptResponse(answer, chunks, false), weight);
        }
        if (call.endpoint() == Endpoint.CHAT && call.stores(false)) {
            JsonObject kept = Answers.of(answer)
                    .put("metadata", call.body().getValue("metadata", new JsonObject()))
                    .put("request_messages", call.body().getValue("messages"));
            stored.shelf(StoredChats.SHELF).put(answer.id(), kept, weight);
        }
    }
}
