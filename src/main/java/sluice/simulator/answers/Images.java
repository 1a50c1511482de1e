package sluice.simulator.answers;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Reply;

/** Images: generations, edits and variations. All are the same dot. */
public final class Images {
    /** A one-pixel PNG. */
    private static final String DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    private static final int TOKENS_EACH = 272;
    private static final int IMAGES_MAX = 10;
    private static final int PARTIAL_MAX = 3;

    private Images() {}

    public static Ask generation(Body body) {
        return read("image_generation", Fields.typed(body.json()));
    }

    public static Ask edit(Body body) {
        if (body.isForm() && body.file("image").isEmpty()) {
            throw new BadCall(ApiError.missing("image"));
        }
        return read("image_edit", Fields.typed(body.json()));
    }

    private static Ask read(String type, JsonObject body) {
        String model = Parameters.model(body.getValue("model", "dall-e-2"));
        return new Drawing(type, model, String.valueOf(body.getValue("prompt", "")),
                Parameters.number(body, "n", 1, IMAGES_MAX, 1), Parameters.flag(body, "stream"),
                Parameters.number(body, "partial_images", 0, PARTIAL_MAX, 0));
    }

    /** The images to draw. */
    private record Drawing(String type, String model, String prompt, int images, boolean stream,
            int partials) implements Ask {

        /** Older models are charged per image. */
        private boolean paidInTokens() {
            return !model.startsWith("dall-e");
        }

        private long inputTokens() {
            return Math.max(1, Math.ceilDiv(prompt.length(), 4));
        }

        @Override
        public long tokensCharged() {
            return paidInTokens() ? inputTokens() + (long) images * TOKENS_EACH : 0;
        }

        @Override
        public Reply reply(Manner manner) {
            return stream ? Reply.events(EventSequence.of(events(manner))) : Reply.json(whole(manner));
        }

        private JsonObject whole(Manner manner) {
            JsonArray data = new JsonArray();
            for (int i = 0; i < images; i++) {
                data.add(new JsonObject().put("b64_json", DOT));
            }
            JsonObject whole = new JsonObject().put("created", manner.created()).put("data", data);
            return paidInTokens() ? whole.mergeIn(look()).put("usage", usage()) : whole;
        }

        private List<Buffer> events(Manner manner) {
            List<Buffer> events = new ArrayList<>();
            for (int i = 0; i < partials; i++) {
                events.add(EventSequence.typed(event(type + ".partial_image", manner).put("partial_image_index", i)));
            }
            events.add(EventSequence.typed(event(type + ".completed", manner).put("usage", usage())));
            return events;
        }

        private static JsonObject event(String type, Manner manner) {
            return new JsonObject().put("type", type).put("b64_json", DOT).put("created_at", manner.created())
                    .mergeIn(look());
        }

        private static JsonObject look() {
            return new JsonObject().put("size", "1024x1024").put("quality", "low").put("background", "opaque")
                    .put("output_format", "png");
        }

        private JsonObject usage() {
            long output = (long) images * TOKENS_EACH;
            return new JsonObject()
                    .put("input_tokens", inputTokens())
                    .put("input_tokens_details",
                            new JsonObject().put("text_tokens", inputTokens()).put("image_tokens", 0))
                    .put("output_tokens", output)
                    .put("total_tokens", inputTokens() + output);
        }
    }
}
