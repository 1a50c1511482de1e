package sluice.simulator.answers;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.Content;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Reply;

/** Speech to text: always the same text for the same file. */
public final class Transcriptions {
    private static final int BYTES_PER_SECOND = 16_000;
    private static final int TOKENS_PER_SECOND = 10;

    private Transcriptions() {}

    public static Ask transcription(Body body) {
        return read("transcribe", body);
    }

    public static Ask translation(Body body) {
        return read("translate", body);
    }

    private static Ask read(String task, Body body) {
        JsonObject fields = Fields.typed(body.json());
        Body.FormFile file = body.file("file").orElseThrow(() -> new BadCall(ApiError.missing("file")));
        String model = Parameters.model(fields.getValue("model"));
        return new Listening(task, model, file.content(), String.valueOf(fields.getValue("response_format", "json")),
                Parameters.flag(fields, "stream") && !model.startsWith("whisper"));
    }

    /** What to transcribe, and in which format. */
    private record Listening(String task, String model, Content sound, String format, boolean stream) implements Ask {

        private long seconds() {
            return Math.max(1, sound.size() / BYTES_PER_SECOND);
        }

        @Override
        public long tokensCharged() {
            return model.startsWith("whisper") ? 0 : seconds() * TOKENS_PER_SECOND;
        }

        @Override
        public Reply reply(Manner manner) {
            Prose prose = Prose.answering(sound.sha256(), 0, manner.leastWords(), Call.UNBOUNDED);
            if (stream) {
                return Reply.events(events(prose, manner.chunks()));
            }
            return switch (format) {
                case "text" -> Reply.whole("text/plain; charset=utf-8", Buffer.buffer(prose.text() + "\n"));
                case "srt" -> Reply.whole("text/plain; charset=utf-8",
                        Buffer.buffer("1\n00:00:00,000 --> 00:00:01,000\n" + prose.text() + "\n\n"));
                case "vtt" -> Reply.whole("text/vtt; charset=utf-8",
                        Buffer.buffer("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n" + prose.text() + "\n\n"));
                case "verbose_json" -> Reply.json(verbose(prose));
                default -> Reply.json(plain(prose));
            };
        }

        private EventSequence events(Prose prose, int chunks) {
            return new EventSequence(chunks + 1, index -> EventSequence.data(index < chunks
                    ? new JsonObject().put("type", "transcript.text.delta").put("delta", prose.part(index, chunks))
                    : plain(prose).put("type", "transcript.text.done")));
        }

        private JsonObject plain(Prose prose) {
            JsonObject text = new JsonObject().put("text", prose.text());
            return task.equals("translate") ? text : text.put("usage", usage(prose));
        }

        private JsonObject verbose(Prose prose) {
            return new JsonObject()
                    .put("task", task)
                    .put("language", "english")
                    .put("duration", (double) seconds())
                    .put("text", prose.text())
                    .put("segments", new JsonArray())
                    .put("usage", duration());
        }

        private JsonObject usage(Prose prose) {
            return model.startsWith("whisper") ? duration() : tokens(prose);
        }

        private JsonObject duration() {
            return new JsonObject().put("type", "duration").put("seconds", seconds());
        }

        private JsonObject tokens(Prose prose) {
            return new JsonObject()
                    .put("type", "tokens")
                    .put("input_tokens", tokensCharged())
                    .put("input_token_details",
                            new JsonObject().put("text_tokens", 0).put("audio_tokens", tokensCharged()))
                    .put("output_tokens", prose.tokens())
                    .put("total_tokens", tokensCharged() + prose.tokens());
        }
    }
}
