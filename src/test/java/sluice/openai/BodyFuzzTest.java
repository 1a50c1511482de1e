package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Whatever bytes come: they are understood in one way, however they are cut, or refused with a reason. */
class BodyFuzzTest {

    /** Whatever is accepted is JSON to another parser too, with the same model. */
    @FuzzTest(maxDuration = "60s")
    void envelope(byte[] body) {
        Envelope envelope;
        try {
            envelope = EnvelopeReader.read(body, Endpoint.RESPONSES);
        } catch (MalformedBody fault) {
            assertThat(fault.reason()).isNotBlank().hasSizeLessThan(8192);
            return;
        }
        assertThat(envelope.maxOutput()).isBetween(-1L, TokenEstimate.MOST);
        assertThat(envelope.choices()).isBetween(1L, TokenEstimate.MOST);
        assertThat(TokenEstimate.of(Endpoint.CHAT_COMPLETIONS, envelope)).isBetween(0L, TokenEstimate.MOST);
        JsonObject other;
        try {
            other = new JsonObject(Buffer.buffer(body));
        } catch (DecodeException limits) {
            return;
        }
        assertThat(envelope.model()).isEqualTo(other.getString("model"));
    }

    @FuzzTest(maxDuration = "60s")
    void form(FuzzedDataProvider data) {
        List<Integer> cuts = cuts(data);
        byte[] body = ("--B\r\n" + data.consumeRemainingAsString()).getBytes(StandardCharsets.ISO_8859_1);
        String whole = form(body, List.of(body.length));
        assertThat(form(body, cuts)).isEqualTo(whole);
        assertThat(form(body, List.of(1))).isEqualTo(whole);
    }

    /** The model and the bytes that go on, or how the form is refused. */
    private static String form(byte[] body, List<Integer> cuts) {
        Buffer out = Buffer.buffer();
        try {
            FormReader reader = FormReader.of("multipart/form-data; boundary=B");
            for (Buffer piece : pieces(body, cuts)) {
                out.appendBuffer(reader.accept(piece));
            }
            out.appendBuffer(reader.end(null));
            assertThat(out.getBytes()).isEqualTo(body);
            return reader.model() + "\n" + out;
        } catch (MalformedBody fault) {
            assertThat(Arrays.copyOf(body, out.length())).isEqualTo(out.getBytes());
            return fault.code();
        }
    }

    @FuzzTest(maxDuration = "60s")
    void events(FuzzedDataProvider data) {
        StreamEnd end = data.pickValue(StreamEnd.values());
        UsageAt usageAt = data.pickValue(UsageAt.values());
        boolean without = data.consumeBoolean();
        List<Integer> cuts = cuts(data);
        byte[] body = data.consumeRemainingAsBytes();
        String whole = events(body, List.of(body.length), new SseEvents(end, usageAt, without));
        assertThat(events(body, cuts, new SseEvents(end, usageAt, without))).isEqualTo(whole);
        assertThat(events(body, List.of(1), new SseEvents(end, usageAt, without))).isEqualTo(whole);
    }

    private static String events(byte[] body, List<Integer> cuts, SseEvents events) {
        Buffer out = Buffer.buffer();
        for (Buffer piece : pieces(body, cuts)) {
            out.appendBuffer(events.accept(piece));
        }
        return out + "\n" + events.held() + events.ended() + events.events() + events.usage();
    }

    /** Whatever is accepted is forwarded unchanged, under a path that has only one reading. */
    @FuzzTest(maxDuration = "60s")
    void route(FuzzedDataProvider data) {
        boolean socket = data.consumeBoolean();
        String method = data.pickValue(new String[]{"GET", "POST", "DELETE", "PUT"});
        String prefix = data.pickValue(new String[]{"", "/v1/", "/openai/deployments/", "/v1/models/", "/v1/engines/"});
        String uri = prefix + data.consumeRemainingAsAsciiString();
        if (Route.of(method, uri, socket) instanceof Route.Known known) {
            String path = uri.split("\\?", 2)[0];
            assertThat(path).doesNotContainPattern("(?i)[\\x00-\\x1f\\x7f\\\\]|//|/\\.\\.?(/|$)|%(00|0a|0d)");
            assertThat(known.target().split("\\?", 2)[0]).startsWith("/").doesNotContain("//");
            String model = Objects.requireNonNullElse(known.model(), "m");
            assertThat(ModelName.fits(model)).as(model).isTrue();
            if (!uri.contains("api-version=")) {
                assertThat(known.target()).endsWith(uri.substring(path.length()));
            }
        }
    }

    private static List<Integer> cuts(FuzzedDataProvider data) {
        List<Integer> cuts = new ArrayList<>();
        for (int i = data.consumeInt(1, 8); i > 0; i--) {
            cuts.add(data.consumeInt(1, 64));
        }
        return cuts;
    }

    /** Pieces of these lengths, again and again. */
    private static List<Buffer> pieces(byte[] body, List<Integer> lengths) {
        List<Buffer> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; from < body.length; i++) {
            int to = Math.min(body.length, from + lengths.get(i % lengths.size()));
            pieces.add(Buffer.buffer().appendBytes(body, from, to - from));
            from = to;
        }
        return pieces;
    }
}
