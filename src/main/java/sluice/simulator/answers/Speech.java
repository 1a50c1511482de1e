package sluice.simulator.answers;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.Map;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Reply;

/** Text to speech: noise that depends only on the text. */
public final class Speech {
    private static final int BYTES_EACH = 1024;
    private static final Map<String, String> TYPES = Map.of("mp3", "audio/mpeg", "opus", "audio/opus", "aac",
            "audio/aac", "flac", "audio/flac", "wav", "audio/wav", "pcm", "audio/pcm");

    private Speech() {}

    public static Ask read(Body asked) {
        JsonObject body = asked.json();
        String type = TYPES.get(body.getString("response_format", "mp3"));
        if (type == null) {
            throw new BadCall(ApiError.invalid("Invalid 'response_format'.", "response_format", "invalid_value"));
        }
        return new Reading(Parameters.model(body.getValue("model")), String.valueOf(Parameters.required(body, "input")),
                type,
                "sse".equals(body.getValue("stream_format")));
    }

    /** What to read, and in which audio format. */
    private record Reading(String model, String input, String type, boolean events) implements Ask {

        @Override
        public long tokensCharged() {
            return Math.max(1, Math.ceilDiv(input.length(), 4));
        }

        @Override
        public Reply reply(Manner manner) {
            int chunks = manner.chunks();
            return events
                    ? Reply.events(new EventSequence(chunks + 1,
                            index -> EventSequence.data(index == chunks ? done(chunks) : delta(index))))
                    : new Reply.Streamed(type, new EventSequence(chunks, this::sound));
        }

        private Buffer sound(int index) {
            byte[] bytes = new byte[BYTES_EACH];
            for (int i = 0; i < BYTES_EACH; i++) {
                bytes[i] = (byte) Prose.mix(Prose.hash(input) + (long) index * BYTES_EACH + i);
            }
            return Buffer.buffer(bytes);
        }

        private JsonObject delta(int index) {
            return new JsonObject().put("type", "speech.audio.delta")
                    .put("audio", Base64.getEncoder().encodeToString(sound(index).getBytes()));
        }

        private JsonObject done(int chunks) {
            return new JsonObject().put("type", "speech.audio.done").put("usage", new JsonObject()
                    .put("input_tokens", tokensCharged())
                    .put("output_tokens", chunks)
                    .put("total_tokens", tokensCharged() + chunks));
        }
    }
}
