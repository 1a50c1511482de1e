package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.ScriptedUpstream;
import sluice.testing.TestCluster;

/**
 * Whatever the upstream does, and wherever it breaks off: nobody is given anything incomplete, failed or made for another
 * tenant or prompt, be it by a call in flight, an Idempotency-Key or either tier of the cache.
 */
@Timeout(120)
class ReplayedAnswersTest {
    private static final int ROUNDS = 40;
    private static final int AT_ONCE = 6;
    private static final Pattern MARK = Pattern.compile("<(\\w+) (\\w+) (\\d+) (\\w+)>");
    private static final String CONFIG = """
            tenants:
              - { name: bot, rpm: 100000, keys: ["${bot}"] }
              - { name: rival, rpm: 100000, keys: ["${rival}"] }
            queue: { max-wait: 0s }
            redis: { url: REDIS, timeout: 1s }
            cache:
              redis: { url: "REDIS", timeout: 1s, max-wait: 1s, keys: ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] }
            """;

    /** What the upstream does with a call. */
    private enum Deed {
        WHOLE, WHOLE_TOO, STATUS, CUT, FAILED
    }

    private final Map<Integer, Deed> deeds = new ConcurrentHashMap<>();
    private final Random random = new Random(0);
    private final ScriptedUpstream upstream = ScriptedUpstream.start(this::serve);

    @RegisterExtension
    final TestCluster cluster = new TestCluster().before(upstream.port());

    @AfterEach
    void close() {
        upstream.close();
    }

    private int dice(int bound) {
        synchronized (random) {
            return random.nextInt(bound);
        }
    }

    private void serve(ScriptedUpstream.Peer peer, int number) throws IOException {
        JsonObject asked = new JsonObject(peer.body());
        peer.run();
        Deed deed = Deed.values()[dice(Deed.values().length)];
        deeds.put(number, deed);
        String mark = "<" + asked.getString("user") + " "
                + asked.getJsonArray("messages").getJsonObject(0).getString("content") + " " + number + " " + deed
                + ">";
        String answer = asked.getBoolean("stream") ? stream(mark, deed) : json(mark, deed);
        if (deed == Deed.STATUS) {
            int status = List.of(400, 404, 409, 422, 429, 500, 502, 504).get(dice(8));
            peer.answer(status, "{\"error\":{\"message\":\"" + mark + "\",\"type\":\"x\",\"code\":\"c\"}}");
            return;
        }
        int cut = deed == Deed.CUT ? dice(answer.length()) : answer.length();
        int half = dice(cut + 1);
        peer.write(answer.substring(0, half));
        peer.write(answer.substring(half, cut));
        if (deed == Deed.CUT) {
            peer.close();
        }
    }

    private static String json(String mark, Deed deed) {
        String body = "{\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":"
                + "{\"content\":\"" + mark + "\"}}]" + (deed == Deed.FAILED ? ",\"error\":{\"message\":\"no\"}" : "")
                + "}";
        return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }

    private static String stream(String mark, Deed deed) {
        String last = deed == Deed.FAILED
                ? "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n"
                : "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                + chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + mark + "\"}}]}\n\n")
                + chunk(last)
                + chunk("data: [DONE]\n\n") + "0\r\n\r\n";
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    /** A call: who asks, what, and under which key. */
    private record Asked(String tenant, String prompt, boolean stream, String key) {
        String body() {
            return new JsonObject().put("model", "gpt-4o-mini").put("stream", stream).put("user", tenant)
                    .put("messages", new JsonArray().add(new JsonObject().put("role", "user").put("content", prompt)))
                    .encode();
        }
    }

    /** A call that is under way. */
    private record Sent(Asked asked, CompletableFuture<HttpResponse<String>> call) {}

    private Asked any(int round) {
        String tenant = dice(2) == 0 ? "bot" : "rival";
        // Prompts return after a while, when the memory of earlier rounds is all there is.
        String prompt = "p" + (dice(3) == 0 ? dice(round + 1) : round);
        boolean stream = dice(2) == 0;
        return new Asked(tenant, prompt, stream, dice(2) == 0 ? "" : prompt + stream + dice(2));
    }

    private CompletableFuture<HttpResponse<String>> send(Asked asked) {
        return cluster.send(cluster.request(dice(2), asked.tenant(), asked.body(),
                asked.key().isEmpty() ? new String[0] : new String[]{"idempotency-key", asked.key()}));
    }

    private void check(Asked asked, HttpResponse<String> answer) {
        String did = answer.headers().firstValue("x-sluice-cache").orElse("");
        if (answer.statusCode() != 200) {
            assertThat(did).as("only its own call fails").isNotIn("HIT", "JOINED", "REPLAYED");
            return;
        }
        Matcher mark = MARK.matcher(answer.body());
        assertThat(mark.find()).as(answer.body()).isTrue();
        assertThat(mark.group(1)).isEqualTo(asked.tenant());
        assertThat(mark.group(2)).isEqualTo(asked.prompt());
        Deed deed = deeds.get(Integer.valueOf(mark.group(3)));
        assertThat(deed).as("whole").isNotIn(Deed.STATUS);
        // Cut after its end mark, a stream is whole.
        assertThat(answer.body()).endsWith(asked.stream() ? "data: [DONE]\n\n" : "}");
        if (did.equals("HIT") || did.equals("REPLAYED")) {
            assertThat(deed).as(answer.body()).isNotEqualTo(Deed.FAILED);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingIncompleteFailedOrForeignIsReplayed(long seed) {
        random.setSeed(seed);
        cluster.start(2, """
                retries: { attempts: 1 }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                breaker: { of-at-least: 100000 }
                """, CONFIG);
        int answered = 0;
        List<String> seen = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<Sent> calls = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                Asked asked = any(round);
                CompletableFuture<HttpResponse<String>> call = send(asked);
                if (dice(10) == 0) {
                    call.cancel(true);
                } else {
                    calls.add(new Sent(asked, call));
                }
            }
            for (Sent sent : calls) {
                HttpResponse<String> answer = sent.call().handle((whole, cut) -> whole).join();
                if (answer != null) {
                    check(sent.asked(), answer);
                    seen.add(answer.headers().firstValue("x-sluice-cache").orElse(""));
                    answered += answer.statusCode() == 200 ? 1 : 0;
                }
            }
        }
        assertThat(answered).isGreaterThan(ROUNDS);
        assertThat(seen).contains("MISS", "HIT", "JOINED", "REPLAYED");
    }
}
