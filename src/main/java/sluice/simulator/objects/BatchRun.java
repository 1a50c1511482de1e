package sluice.simulator.objects;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.CallReader;
import sluice.simulator.answers.Endpoint;
import sluice.simulator.answers.Images;
import sluice.simulator.answers.Manner;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Answers the requests of a batch one by one. They spend no quota; what would make its files too long expires. */
final class BatchRun {
    private static final int BYTES_MAX = 16 * 1024 * 1024;
    private static final String IMAGES = "/v1/images/generations";
    private static final Map<String, Endpoint> TEXTS = Map.of("/v1/chat/completions", Endpoint.CHAT,
            "/v1/completions", Endpoint.COMPLETIONS, "/v1/responses", Endpoint.RESPONSES, "/v1/embeddings",
            Endpoint.EMBEDDINGS, "/v1/moderations", Endpoint.MODERATIONS);

    private final String endpoint;
    private final Stored stored;
    private final Manner manner;
    private final Buffer output = Buffer.buffer();
    private final Buffer errors = Buffer.buffer();
    private int completed;
    private long inputTokens;
    private long outputTokens;

    BatchRun(String endpoint, Stored stored, Manner manner) {
        this.endpoint = endpoint;
        this.stored = stored;
        this.manner = manner;
    }

    static boolean knows(String endpoint) {
        return endpoint.equals(IMAGES) || TEXTS.containsKey(endpoint);
    }

    void take(BatchInput.Request request) {
        if (output.length() + errors.length() > BYTES_MAX) {
            write(errors, request, null, new JsonObject().put("code", "batch_expired").put("message",
                    "This request could not be executed before the completion window expired."));
            return;
        }
        try {
            JsonObject answer = answer(request.body());
            count(answer.getJsonObject("usage", new JsonObject()));
            completed++;
            write(output, request, response(200, answer), null);
        } catch (BadCall refused) {
            write(errors, request, response(refused.answer().status(),
                    new JsonObject().put("error", refused.answer().members())), null);
        }
    }

    private JsonObject answer(JsonObject body) {
        if (ask(body).reply(manner) instanceof Reply.Whole whole) {
            return whole.body().toJsonObject();
        }
        throw new BadCall(ApiError.invalid("Streaming is not supported in batches.", "stream", "invalid_value"));
    }

    private Ask ask(JsonObject body) {
        if (endpoint.equals(IMAGES)) {
            return Images.generation(new Body(body.toBuffer(), MultiMap.caseInsensitiveMultiMap(), List.of()));
        }
        return TextAsk.of(CallReader.read(Objects.requireNonNull(TEXTS.get(endpoint)), null, body), stored,
                body.size());
    }

    private void count(JsonObject usage) {
        inputTokens += usage.getLong("input_tokens", usage.getLong("prompt_tokens", 0L));
        outputTokens += usage.getLong("output_tokens", usage.getLong("completion_tokens", 0L));
    }

    private static JsonObject response(int status, JsonObject body) {
        return new JsonObject().put("status_code", status).put("request_id", "req_" + Ids.hex()).put("body", body);
    }

    private static void write(Buffer lines, BatchInput.Request request, @Nullable JsonObject response,
            @Nullable JsonObject error) {
        lines.appendBuffer(new JsonObject().put("id", Ids.fresh("batch_req_")).put("custom_id", request.customId())
                .put("response", response).put("error", error).toBuffer()).appendByte((byte) '\n');
    }

    int completed() {
        return completed;
    }

    Buffer output() {
        return output;
    }

    Buffer errors() {
        return errors;
    }

    JsonObject usage() {
        return new JsonObject()
                .put("input_tokens", inputTokens)
                .put("input_tokens_details", new JsonObject().put("cached_tokens", 0))
                .put("output_tokens", outputTokens)
                .put("output_tokens_details", new JsonObject().put("reasoning_tokens", 0))
                .put("total_tokens", inputTokens + outputTokens);
    }
}
