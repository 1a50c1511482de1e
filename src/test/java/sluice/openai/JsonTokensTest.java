package sluice.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The fast reader of tokens reads what Jackson reads, or says that it does not know. {@code -Dsluice.damages} says how many
 * damaged bodies are read.
 */
class JsonTokensTest {
    private static final int DAMAGES = Integer.getInteger("sluice.damages", 4_000);
    private static final String UNCLEAR = "unclear";
    private static final List<String> BODIES = List.of(
            """
                    {"model":"gpt-4o","messages":[{"role":"system","content":"Be kind."},{"role":"user",\
                    "content":[{"type":"text","text":"How much is 1 + 1?"},{"type":"image_url",\
                    "image_url":{"url":"https://a.example/b.png"}}]}],"temperature":0.70,"max_tokens":64,"n":1,
                    "stream":true,"stream_options":{"include_usage":false},"user":"someone","seed":null}""",
            "{ \"model\" : \"m\\u006fdel\", \"input\" : \"\\\"quoted\\\" \\\\ \\n\\t\\/ \\ud83d\\ude00 \\ud83d\" }",
            "{\"input\":\"Grüße, 世界, 😀 — äöü\",\"ключ\":\"значение\",\"\":{\"\":[]}}",
            "{\"a\":[0,-0,1.5,-1e5,1E-5,1e+5,123456789012345678,1234567890123456789,12345678901234567890.5,0.0]}",
            "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"model\":\"x\"}}},"
                    + "{\"type\":\"file_search\",\"vector_store_ids\":[\"vs_1\",\"vs_2\"]}],\"store\":false}",
            "\t{\r\n\"x\"\n:\r[\t[ ] , { } , [ [ \"model\" ] , true ] , false , null ]\r}\n ");
    private static final byte[] MARKS = "{}[]:,\"\\/ \t\n\r0123456789-+.eEtrufalsn\0\177\200\277\355\360"
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

    /** What a reader tells of each token. */
    private static List<String> trace(byte[] body, boolean plain) {
        List<String> told = new ArrayList<>();
        try {
            JsonTokens tokens = plain ? new PlainTokens(body) : new JacksonTokens(body);
            for (JsonToken token = tokens.next(); token != null; token = tokens.next()) {
                told.add(token + " " + tokens.name() + " " + switch (token) {
                    case START_OBJECT -> tokens.position();
                    case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> tokens.position() + " " + tokens.length();
                    case VALUE_STRING -> tokens.position() + " " + tokens.characters(5) + " "
                            + tokens.characters(1000) + " " + tokens.begins("http") + " " + tokens.text();
                    case VALUE_NUMBER_INT ->
                        tokens.wholeNumber() + " " + (tokens.number() + 0.0) + " " + tokens.length();
                    case VALUE_NUMBER_FLOAT -> tokens.number() + 0.0 + " " + tokens.length();
                    default -> "";
                });
            }
            told.add("end");
        } catch (PlainTokens.Unclear unclear) {
            told.add(UNCLEAR);
        } catch (IOException | MalformedBody fault) {
            told.add("fault");
        }
        return told;
    }

    static boolean assertReadAlike(byte[] body) {
        List<String> plain = trace(body, true);
        List<String> jackson = trace(body, false);
        boolean unclear = plain.getLast().equals(UNCLEAR);
        List<String> known = unclear ? plain.subList(0, plain.size() - 1) : plain;
        assertThat(known).as(new String(body, UTF_8)).isEqualTo(
                unclear ? jackson.subList(0, Math.min(known.size(), jackson.size())) : jackson);
        for (Endpoint endpoint : List.of(Endpoint.CHAT_COMPLETIONS, Endpoint.RESPONSES, Endpoint.EMBEDDINGS)) {
            assertThat(envelope(body, endpoint, true)).as(new String(body, UTF_8))
                    .isEqualTo(envelope(body, endpoint, false));
        }
        return unclear;
    }

    private static String envelope(byte[] body, Endpoint endpoint, boolean plain) {
        try {
            return (plain ? EnvelopeReader.read(body, endpoint) : EnvelopeReader.readAny(body, endpoint)).toString();
        } catch (MalformedBody fault) {
            return fault.code() + " " + fault.param() + " " + fault.getMessage();
        }
    }

    @Test
    void plainBodiesNeedNoGeneralParser() {
        for (String body : BODIES) {
            assertThat(trace(body.getBytes(UTF_8), true)).as(body).endsWith("end");
            assertReadAlike(body.getBytes(UTF_8));
        }
    }

    @Test
    void whereverABodyIsDamagedBothReadTheSame() {
        Random random = new Random(7);
        int clear = 0;
        for (int i = 0; i < DAMAGES; i++) {
            byte[] body = BODIES.get(random.nextInt(BODIES.size())).getBytes(UTF_8);
            for (int damage = random.nextInt(3); damage >= 0; damage--) {
                body = damaged(body, random);
            }
            if (body.length > 1 && body[0] > 0 && body[1] != 0) {
                clear += assertReadAlike(body) ? 0 : 1;
            }
        }
        assertThat(clear).isBetween(DAMAGES / 10, DAMAGES * 9 / 10);
    }

    private static byte[] damaged(byte[] body, Random random) {
        if (body.length < 2) {
            return body;
        }
        int at = random.nextInt(body.length);
        int length = random.nextInt(Math.min(8, body.length - at));
        byte mark = MARKS[random.nextInt(MARKS.length)];
        return switch (random.nextInt(5)) {
            case 0 -> {
                body[at] = mark;
                yield body;
            }
            case 1 -> joined(Arrays.copyOf(body, at), new byte[]{mark}, Arrays.copyOfRange(body, at, body.length));
            case 2 -> joined(Arrays.copyOf(body, at), Arrays.copyOfRange(body, at + length, body.length));
            case 3 -> joined(Arrays.copyOf(body, at + length), Arrays.copyOfRange(body, at, body.length));
            default -> Arrays.copyOf(body, at);
        };
    }

    private static byte[] joined(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Test
    void bracketsAreReadAsDeepAsAllowed() {
        for (int depth : List.of(2, 16, 17, 999, 1000, 1001)) {
            assertReadAlike(("{\"a\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}").getBytes(UTF_8));
        }
    }

    @Test
    void everyNameIsFoundAgain() {
        for (int length = 1; length < 300; length++) {
            assertReadAlike(
                    ("{\"" + "n".repeat(length) + "\":1,\"" + "model".repeat(length) + "\":" + "1".repeat(length)
                            + "}").getBytes(UTF_8));
        }
    }
}
