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
import org.junit.jupiter.params.provider.EnumSource;
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
                Arbitraries.of("\n", "\r\n")).as((events, usage, mark, tail, lineEnd) -> {
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
                Arbitraries.of("\n", "\r\n")).as((deltas, last, tail, lineEnd) -> {
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
                assertThat(passed.toString(UTF_8)).endsWith("\n").matches("(?s)(.*\\n)?\\r?\\n");
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
    void streamThatIsCutAnywhereHasNotEnded(StreamEnd end, boolean crlf) {
        String text = end == StreamEnd.DONE_LINE ? CHAT : RESPONSES;
        Buffer whole = Buffer.buffer(crlf ? text.replace("\n", "\r\n") : text);
        SseEvents events = new SseEvents(end, UsageAt.RESPONSE, false);
        for (int i = 0; i < whole.length(); i++) {
            assertThat(events.ended()).as("after %s bytes", i).isFalse();
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
    @ValueSource(strings = {"data: [DONE] \n\n", "data: [done]\n\n", " data: [DONE]\n\n", "data: \"[DONE]\"\n\n",
            ": data: [DONE]\n\n", "event: response.completed\n\n", "data: {\"a\":\"data: [DONE]\"}\n\n",
            "data: [DONE]x\n\n",
            "data: [DONE]"})
    void whatOnlyLooksLikeTheMarkOfAChatIsNone(String text) {
        SseEvents events = new SseEvents(StreamEnd.DONE_LINE, UsageAt.RESPONSE, false);
        events.accept(Buffer.buffer(text));
        assertThat(events.ended()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [DONE]\n\n", "event: response.created\ndata: {}\n\n",
            "data: event: response.completed\n\n", "event: response.completed.not\ndata: {}\n\n",
            "event: response.incompleted\ndata: {}\n\n", "event: response.output_item.done\ndata: {}\n\n"})
    void whatOnlyLooksLikeTheMarkOfAResponseIsNone(String text) {
        SseEvents events = new SseEvents(StreamEnd.RESPONSE_EVENT, UsageAt.RESPONSE, false);
        events.accept(Buffer.buffer(text));
        assertThat(events.ended()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"DONE_LINE", "RESPONSE_EVENT"})
    void markWithoutASpaceOrWithCrLfIsOne(StreamEnd end) {
        SseEvents events = new SseEvents(end, UsageAt.RESPONSE, false);
        events.accept(Buffer.buffer(end == StreamEnd.DONE_LINE
                ? "data:[DONE]\r\n\r\n"
                : "event: response.incomplete\r\ndata: {}\r\n\r\n"));
        assertThat(events.ended()).isTrue();
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
