package sluice.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SseEventsTest {
    private static final String CHAT_USAGE = "{\"prompt_tokens\":19,\"completion_tokens\":10,\"total_tokens\":29,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":4,\"audio_tokens\":0},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":3}}";
    private static final String RESPONSE_USAGE = "{\"input_tokens\":37,\"input_tokens_details\":{\"cached_tokens\":5},"
            + "\"output_tokens\":11,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":48}";

    /** A stream, and what must be learned from it. */
    record Script(StreamEnd end, String text, @Nullable Usage usage, boolean ended) {

        Script with(String lineEnd) {
            return new Script(end, text.replace("\n", lineEnd), usage, ended);
        }
    }

    /** What came out. */
    private record Run(Buffer passed, Buffer held, boolean passing, boolean ended, @Nullable Usage usage) {}

    private static Run run(StreamEnd end, Buffer whole, List<Integer> sizes) {
        SseEvents events = new SseEvents(end, UsageAt.RESPONSE, false);
        Buffer passed = Buffer.buffer();
        int from = 0;
        for (int i = 0; from < whole.length(); i++) {
            int to = Math.min(whole.length(), from + sizes.get(i % sizes.size()));
            passed.appendBuffer(events.accept(whole.getBuffer(from, to)));
            from = to;
        }
        return new Run(passed, events.held(), events.passing(), events.ended(), events.usage());
    }

    private static String chatChunk(String content) {
        return "data: " + new JsonObject().put("id", "chatcmpl-1").put("object", "chat.completion.chunk")
                .put("created", 1).put("model", "gpt-4o").put("usage", null)
                .put("choices", new JsonArray().add(new JsonObject().put("index", 0)
                        .put("delta", new JsonObject().put("content", content)).put("finish_reason", null)))
                .encode() + "\n\n";
    }

    private static String responseEvent(String type, JsonObject fields) {
        return "event: " + type + "\ndata: " + fields.copy().put("type", type).encode() + "\n\n";
    }

    private static JsonObject response(String status, @Nullable String usage) {
        return new JsonObject().put("sequence_number", 1).put("response", new JsonObject().put("id", "resp_1")
                .put("status", status).put("error", null).put("model", "gpt-4o").put("output", new JsonArray())
                .put("tools", new JsonArray().add(new JsonObject().put("type", "function").put("parameters",
                        new JsonObject().put("usage",
                                new JsonObject().put("input_tokens", 999).put("output_tokens", 9)))))
                .put("usage", usage == null ? null : new JsonObject(usage))
                .put("metadata", new JsonObject().put("usage", "none")));
    }

    private static Arbitrary<String> content() {
        Arbitrary<String> text = Arbitraries.strings().withChars("aé模😀\"\\{}[]:,\n\r usagedt").ofMaxLength(40);
        Arbitrary<String> telling = Arbitraries.of("data: [DONE]", "\n\ndata: [DONE]\n\n",
                "\"usage\":{\"prompt_tokens\":1}",
                "event: response.completed", "");
        Arbitrary<String> around64KiB = Arbitraries.integers().between(SseEvents.LONGEST_HELD - 300,
                SseEvents.LONGEST_HELD + 300).map("é"::repeat);
        return Arbitraries.frequencyOf(Tuple.of(12, text), Tuple.of(4, telling),
                Tuple.of(1, around64KiB));
    }

    @Provide
    Arbitrary<Script> chat() {
        Arbitrary<String> event = Arbitraries.frequencyOf(
                Tuple.of(8, content().map(SseEventsTest::chatChunk)),
                Tuple.of(1, Arbitraries.of(": keep-alive\n\n", "\n", "id: 1\nretry: 2\n\n", "data\n\n",
                        "data:\n\n", ":\n")));
        return Combinators.combine(event.list().ofMaxSize(8), Arbitraries.of(true, false), Arbitraries.of(true, false),
                Arbitraries.of("", "data: {\"id\":\"chatcmpl-1\",\"choi", ": x", "data: [DONE]", "d"),
                Arbitraries.of("\n", "\r\n", "\r")).as((events, usage, mark, tail, lineEnd) -> {
                    String text = String.join("", events)
                            + (usage ? "data: {\"choices\":[],\"usage\":" + CHAT_USAGE + "}\n\n" : "")
                            + (mark ? "data: [DONE]\n\n" : tail);
                    return new Script(StreamEnd.DONE_LINE, text, usage ? new Usage(19, 10, 4) : null, mark)
                            .with(lineEnd);
                });
    }

    @Provide
    Arbitrary<Script> responses() {
        Arbitrary<String> delta = content().map(text -> responseEvent("response.output_text.delta",
                new JsonObject().put("delta", text).put("usage", new JsonArray())));
        return Combinators.combine(delta.list().ofMaxSize(8), Arbitraries.of("completed", "incomplete", "failed", ""),
                Arbitraries.of("", "event: response.completed\n", "event: response.completed\ndata: {\"response\":"),
                Arbitraries.of("\n", "\r\n", "\r")).as((deltas, last, tail, lineEnd) -> {
                    boolean ended = !last.isEmpty();
                    String text = responseEvent("response.created", response("in_progress", null))
                            + String.join("", deltas)
                            + (ended ? responseEvent("response." + last, response(last, RESPONSE_USAGE)) : tail);
                    return new Script(StreamEnd.RESPONSE_EVENT, text, ended ? new Usage(37, 11, 5) : null, ended)
                            .with(lineEnd);
                });
    }

    @Provide
    Arbitrary<List<Integer>> sizes() {
        return Arbitraries.oneOf(Arbitraries.integers().between(1, 20), Arbitraries.integers().between(1, 3000),
                Arbitraries.integers().between(1, 200_000)).list().ofMinSize(1).ofMaxSize(10);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void anyChunkingOfAChatStreamGivesTheSame(@ForAll("chat") Script script, @ForAll("sizes") List<Integer> sizes) {
        assertSameAsWhole(script, sizes);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void anyChunkingOfAResponsesStreamGivesTheSame(@ForAll("responses") Script script,
            @ForAll("sizes") List<Integer> sizes) {
        assertSameAsWhole(script, sizes);
    }

    private static void assertSameAsWhole(Script script, List<Integer> sizes) {
        Buffer whole = Buffer.buffer(script.text());
        Run inPieces = run(script.end(), whole, sizes);
        assertThat(inPieces).isEqualTo(run(script.end(), whole, List.of(Integer.MAX_VALUE / 2)));
        assertThat(inPieces.passed().copy().appendBuffer(inPieces.held())).isEqualTo(whole);
        assertThat(inPieces.ended()).isEqualTo(script.ended());
        assertThat(inPieces.usage()).isEqualTo(script.usage());
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatPassesEndsWithAWholeEvent(@ForAll("chat") Script script, @ForAll("sizes") List<Integer> sizes) {
        SseEvents events = new SseEvents(script.end(), UsageAt.RESPONSE, false);
        Buffer whole = Buffer.buffer(script.text());
        int from = 0;
        for (int i = 0; from < whole.length(); i++) {
            int to = Math.min(whole.length(), from + sizes.get(i % sizes.size()));
            Buffer passed = events.accept(whole.getBuffer(from, to));
            from = to;
            assertThat(events.held().length()).isLessThanOrEqualTo(SseEvents.LONGEST_HELD);
            if (passed.length() > 0 && !events.passing()) {
                assertThat(passed.toString(UTF_8)).matches("(?s)(.*[\\r\\n])?[\\r\\n]");
            }
            if (events.passing()) {
                assertThat(events.held().length()).isZero();
            }
        }
    }

    private static final String CHAT = ": hello\n\n" + chatChunk("é") + chatChunk("\n\ndata: [DONE]\n\n")
            + "data: {\"choices\":[],\"usage\":" + CHAT_USAGE + "}\n\ndata: [DONE]\n\n";
    private static final String RESPONSES = responseEvent("response.created", response("in_progress", null))
            + responseEvent("response.output_text.delta", new JsonObject().put("delta", "event: error\n\n"))
            + responseEvent("response.completed", response("completed", RESPONSE_USAGE));

    @ParameterizedTest
    @CsvSource({"DONE_LINE, false", "DONE_LINE, true", "RESPONSE_EVENT, false", "RESPONSE_EVENT, true"})
    void streamThatIsCutAnywhereHasNotEnded(StreamEnd mark, boolean crlf) {
        String text = mark == StreamEnd.DONE_LINE ? CHAT : RESPONSES;
        Buffer whole = Buffer.buffer(crlf ? text.replace("\n", "\r\n") : text);
        SseEvents events = new SseEvents(mark, UsageAt.RESPONSE, false);
        // A CR alone ends a line too, whatever follows it.
        int end = whole.length() - (crlf ? 1 : 0);
        for (int i = 0; i < whole.length(); i++) {
            assertThat(events.ended()).as("after %s bytes", i).isEqualTo(i >= end);
            events.accept(whole.getBuffer(i, i + 1));
        }
        assertThat(events.ended()).isTrue();
        assertThat(events.held().length()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"response.completed", "response.incomplete", "response.failed", "error"})
    void lastEventsOfAResponseEndIt(String type) {
        SseEvents events = new SseEvents(StreamEnd.RESPONSE_EVENT, UsageAt.RESPONSE, false);
        events.accept(Buffer.buffer("event: " + type + "\ndata: {}\n\n"));
        assertThat(events.ended()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [done]\n\n", " data: [DONE]\n\n", "data: \"[DONE]\"\n\n", ": data: [DONE]\n\n",
            "event: response.completed\n\n", "data: {\"a\":\"data: [DONE]\"}\n\n", "data: [DONE]x\n\n", "data: [DONE]",
            "data: {\"error\":null}\n\n", "data: {\"choices\":[{\"error\":{}}]}\n\n",
            "data: {\"a\":{\"error\":{}}}\n\n",
            "data: {\"type\":\"error\\n\"}\n\n"})
    void whatOnlyLooksLikeTheMarkOfAChatIsNone(String text) {
        assertThat(hasEnded(StreamEnd.DONE_LINE, text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"event: response.created\ndata: {}\n\n", "data: event: response.completed\n\n",
            "event: response.completed.not\ndata: {}\n\n", "event: response.incompleted\ndata: {}\n\n",
            "event: response.output_item.done\ndata: {}\n\n", "event: response.completed\ndata: {}\n",
            "data: {\"type\":\"response.created\"}\n\n", "data: {\"response\":{\"type\":\"response.completed\"}}\n\n",
            "data: {\"item\":{\"type\":\"response.completed\"}}\n\n", "data: {\"type\":[\"response.completed\"]}\n\n",
            "data: [{\"type\":\"response.completed\"}]\n\n"})
    void whatOnlyLooksLikeTheMarkOfAResponseIsNone(String text) {
        assertThat(hasEnded(StreamEnd.RESPONSE_EVENT, text)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"DONE_LINE|data: [DONE]", "DONE_LINE|data:[DONE]", "DONE_LINE|data: [DONE] ",
            "DONE_LINE|event: done~data: [DONE]", "DONE_LINE|data: {\"error\":{\"message\":\"m\"}}",
            "DONE_LINE|event: error~data: {\"message\":\"m\"}", "RESPONSE_EVENT|event: response.incomplete~data: {}",
            "RESPONSE_EVENT|event:response.failed~data:{}",
            "RESPONSE_EVENT|data: {\"type\":\"response.completed\",\"response\":{}}",
            "RESPONSE_EVENT|id: 1~data: {\"sequence_number\":1,~data: \"type\" : \"error\"}",
            "RESPONSE_EVENT|data: {\"response\":{\"type\":1},\"type\":\"response.completed\"}",
            "RESPONSE_EVENT|data: [DONE]",
            "SPEECH_EVENT|data: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":1}}",
            "TRANSCRIPT_EVENT|data: {\"text\":\"x\",\"type\":\"transcript.text.done\"}",
            "IMAGE_EVENT|data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AA\"}",
            "IMAGE_EVENT|event:image_edit.completed~data: {}"})
    void endIsKnownByWhatTheStreamSays(StreamEnd end, String lines) {
        for (String by : List.of("\n", "\r\n", "\r")) {
            String text = "data: {}~~".replace("~", by) + lines.replace("~", by);
            assertThat(hasEnded(end, text + by + by)).as("%s", text).isTrue();
            assertThat(hasEnded(end, text + by)).as("%s", text).isFalse();
            for (String rest : List.of("", by)) {
                SseEvents events = new SseEvents(end, UsageAt.RESPONSE, false);
                Buffer passed = events.accept(Buffer.buffer(text + rest));
                assertThat(passed.copy().appendBuffer(events.end())).isEqualTo(Buffer.buffer(text + rest));
                assertThat(events.ended()).as("%s, unfinished", text).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"event: response.completed", "event: response.completed\n",
            "event: response.completed\ndata: {\"response\":{",
            "data: {\"type\":\"response.completed\"", "data: {\"type\":\"response.completed\",\"response\":{\"id\":1}",
            "data: {\"type\":\"response.comp"})
    void lastEventWithoutItsEmptyLineMustBeWhole(String text) {
        SseEvents events = new SseEvents(StreamEnd.RESPONSE_EVENT, UsageAt.RESPONSE, false);
        events.accept(Buffer.buffer(text));
        events.end();
        assertThat(events.ended()).isFalse();
    }

    private static boolean hasEnded(StreamEnd end, String text) {
        Buffer whole = Buffer.buffer(text);
        SseEvents events = new SseEvents(end, UsageAt.RESPONSE, false);
        SseEvents byByte = new SseEvents(end, UsageAt.RESPONSE, false);
        events.accept(whole);
        for (int i = 0; i < whole.length(); i++) {
            byByte.accept(whole.getBuffer(i, i + 1));
        }
        assertThat(byByte.ended()).isEqualTo(events.ended());
        return events.ended();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"id\":1,\"choices\":[{}],\"usage\":null}|{\"id\":1,\"choices\":[{}]}",
            "{\"id\":1, \"usage\" : null , \"choices\":[{}]}|{\"id\":1 , \"choices\":[{}]}",
            "{\"usage\":null,\"id\":1}|{\"id\":1}", "{\"usage\":null}|{\"usage\":null}",
            "{\"choices\":[{\"usage\":null}],\"x\":{\"usage\":null}}|{\"choices\":[{\"usage\":null}],\"x\":{\"usage\":null}}",
            "{\"choices\":[{}],\"usage\":{\"prompt_tokens\":1}}|{\"choices\":[{}],\"usage\":{\"prompt_tokens\":1}}"})
    void usageThatNobodyAskedForIsLeftOut(String sent, String passed) {
        for (String by : List.of("\n", "\r\n", "\r")) {
            Buffer whole = Buffer.buffer("data: {}~~event: x~data: ".replace("~", by) + sent
                    + "~~data: 2~~".replace("~", by)
                    + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4}}~~data: [DONE]~~".replace("~", by));
            String expected = "data: {}~~event: x~data: ".replace("~", by) + passed
                    + "~~data: 2~~data: [DONE]~~".replace("~", by);
            for (int size : List.of(1, 2, 3, 7, 1000)) {
                SseEvents events = new SseEvents(StreamEnd.DONE_LINE, UsageAt.ROOT, true);
                Buffer out = Buffer.buffer();
                for (int from = 0; from < whole.length(); from += size) {
                    out.appendBuffer(events.accept(whole.getBuffer(from, Math.min(from + size, whole.length()))));
                }
                assertThat(out.toString()).isEqualTo(expected);
                assertThat(events.ended()).isTrue();
                assertThat(events.usage()).isEqualTo(new Usage(4, 0, 0));
            }
        }
    }

    @Test
    void unfinishedEventIsHeldAndWholeOnesPass() {
        SseEvents events = new SseEvents(StreamEnd.DONE_LINE, UsageAt.RESPONSE, false);
        assertThat(events.accept(Buffer.buffer("data: 1\n")).length()).isZero();
        assertThat(events.accept(Buffer.buffer("\ndata: 2\n\nda")).toString()).isEqualTo("data: 1\n\ndata: 2\n\n");
        assertThat(events.held().toString()).isEqualTo("da");
        assertThat(events.passing()).isFalse();
        assertThat(events.accept(Buffer.buffer("ta: 3\n\n")).toString()).isEqualTo("data: 3\n\n");
    }

    @Test
    void eventLongerThanIsHeldPassesAsItComes() {
        SseEvents events = new SseEvents(StreamEnd.DONE_LINE, UsageAt.RESPONSE, false);
        String most = "data: " + "x".repeat(SseEvents.LONGEST_HELD - 6);
        assertThat(events.accept(Buffer.buffer(most)).length()).isZero();
        assertThat(events.accept(Buffer.buffer("y")).toString()).isEqualTo(most + "y");
        assertThat(events.passing()).isTrue();
        assertThat(events.accept(Buffer.buffer("z")).toString()).isEqualTo("z");
        assertThat(events.accept(Buffer.buffer("\n\ndata: 1")).toString()).isEqualTo("\n\n");
        assertThat(events.passing()).isFalse();
        assertThat(events.held().toString()).isEqualTo("data: 1");
    }

    @Test
    void imagesHaveUsageOfTheirOwn() {
        SseEvents events = new SseEvents(StreamEnd.IMAGE_EVENT, UsageAt.ROOT, false);
        String image = "data: {\"type\":\"image_generation.completed\",\"usage\":{\"input_tokens\":5,\"output_tokens\":7}}\n\n";
        events.accept(Buffer.buffer(image + "data: {\"usage\":{\"input_tokens\":\"?\"}}\n\n" + image));
        assertThat(events.usage()).isEqualTo(new Usage(10, 14, 0));
    }

    @Test
    void usageIsThatOfTheLastEventThatNamesOne() {
        List<String> chunks = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            chunks.add("data: {\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":" + i + "}}\n\n");
        }
        chunks.add("data: {\"usage\":null}\n\n");
        SseEvents events = new SseEvents(StreamEnd.DONE_LINE, UsageAt.RESPONSE, false);
        events.accept(Buffer.buffer(String.join("", chunks)));
        assertThat(events.usage()).isEqualTo(new Usage(5, 3, 0));
    }

    @Test
    void brokenEventDoesNotSpoilTheNext() {
        SseEvents events = new SseEvents(StreamEnd.DONE_LINE, UsageAt.RESPONSE, false);
        events.accept(
                Buffer.buffer("data: {\"a\":[{\"b\":\"\n\nevent: {\"x\n\ndata: {\"usage\":" + CHAT_USAGE + "}\n\n"));
        assertThat(events.usage()).isEqualTo(new Usage(19, 10, 4));
    }
}
