package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.RawClient;
import sluice.testing.TestGateway;

/** Nothing that one caller holds is missed by another: what is shared is there for the next one, whatever is done with it. */
@Timeout(120)
class IsolationTest {
    private static final String TENANTS = """
            tenants:
              - { name: greedy, rpm: 100000, endpoints: [inference, files, realtime], keys: ["${GREEDY}"] }
              - { name: victim, rpm: 100000, endpoints: [inference, realtime], keys: ["${VICTIM}"] }
            """;
    private static final int STRANGER = 2;
    private static final int OTHER = 3;

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private final List<RawClient> clients = new ArrayList<>();
    private int calls;

    @AfterEach
    void close() {
        clients.forEach(RawClient::close);
    }

    private RawClient client(int last) {
        return client(last, 0);
    }

    private RawClient client(int last, int receiveBuffer) {
        RawClient client = new RawClient(last, URI.create(gateway.baseUrl()).getPort(), receiveBuffer);
        clients.add(client);
        return client;
    }

    private static String body(String content) {
        return new JsonObject().put("model", "gpt-4o-mini").put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", content))).encode();
    }

    private String head(String key, String path, long length) {
        return "POST /v1" + path + " HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + key
                + "\r\ncontent-type: application/json\r\ncontent-length: " + length + "\r\n\r\n";
    }

    private String chat(String key) {
        String body = body("Question " + ++calls);
        return head(gateway.key(key), "/chat/completions", body.length()) + body;
    }

    private String upload(int length) {
        return "POST /v1/files HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + gateway.key("GREEDY")
                + "\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: " + length + "\r\n\r\n"
                + "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nbegin";
    }

    private void assertVictimIsServed() {
        assertThat(client(9).write(chat("VICTIM")).answer()).startsWith("HTTP/1.1 200");
    }

    private double meter(String series) {
        Matcher value = Pattern.compile("^" + Pattern.quote(series) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(gateway.metrics());
        return value.find() ? Double.parseDouble(value.group(1)) : -1;
    }

    private void awaitMeter(String series, double expected) {
        Await.until(series, () -> meter(series) == expected);
    }

    @Test
    void strangersThatIdleLeaveRoom() {
        gateway.listening("max-connections: 8").start(TENANTS);
        List<String> answers = IntStream.range(0, 20).mapToObj(i -> client(STRANGER)
                .write(head("sk-not-a-key-of-anybody", "/chat/completions", 0)).answer()).toList();
        assertThat(answers).filteredOn(answer -> answer.startsWith("HTTP/1.1 401")).hasSize(4);
        assertThat(answers).filteredOn(String::isEmpty).hasSize(16);
        assertVictimIsServed();
        assertThat(meter("sluice_shared_refusals_total{thing=\"connections\"}")).isEqualTo(16);
        assertThat(meter("sluice_shared_holders{thing=\"connections\"}")).isEqualTo(2);
        assertThat(gateway.log().lines()).filteredOn(line -> line.contains("connections: address 127.0.0.2 holds"))
                .hasSize(1);
        clients.forEach(RawClient::close);
        awaitMeter("sluice_connections", 0);
    }

    @Test
    void addressMayHaveFewerConnectionsThanItsShareBeforeItAuthenticates() {
        gateway.listening("max-connections: 20, max-connections-per-address: 10%").start(TENANTS);
        for (int i = 0; i < 6; i++) {
            assertThat(client(STRANGER).write(chat("GREEDY")).answer()).startsWith("HTTP/1.1 200");
        }
        client(STRANGER);
        client(STRANGER);
        client(STRANGER).awaitClosed();
        assertVictimIsServed();
    }

    @Test
    void connectionsCountForTheTenantThatCallsOverThem() {
        gateway.listening("max-connections: 9, max-connections-per-address: 100%").start(TENANTS);
        List<String> answers = IntStream.range(0, 6)
                .mapToObj(i -> client(STRANGER + i).write(chat("GREEDY")).answer()).toList();
        assertThat(answers).filteredOn(answer -> answer.startsWith("HTTP/1.1 200")).hasSize(4);
        assertThat(answers.get(4)).startsWith("HTTP/1.1 503").contains("\"code\":\"overloaded\"", "retry-after: 1",
                "Your service already holds its share of the gateway's connections", "x-sluice-error-source: tenant");
        assertVictimIsServed();
        awaitMeter("sluice_connections", 5);
    }

    @Test
    void handshakesCount(@TempDir Path directory) throws Exception {
        gateway.listening("max-connections: 8, head-timeout: 500ms")
                .speakingTls(Certificate.selfSigned(directory, "127.0.0.1"))
                .start(TENANTS);
        List<RawClient> silent = IntStream.range(0, 5).mapToObj(i -> client(STRANGER)).toList();
        silent.getLast().awaitClosed();
        assertThat(meter("sluice_connections")).isEqualTo(4);
        silent.forEach(RawClient::awaitClosed);
        awaitMeter("sluice_connections", 0);
    }

    @Test
    void adminListenerHasABoundOfItsOwn() {
        gateway.listening("max-connections: 8").start(TENANTS);
        int port = URI.create(gateway.adminUrl()).getPort();
        for (int i = 0; i < 130; i++) {
            clients.add(new RawClient(STRANGER, port));
        }
        clients.getLast().awaitClosed();
        assertThat(meter("sluice_shared_holders{thing=\"admin-connections\"}")).isEqualTo(2);
        assertVictimIsServed();
    }

    @Test
    void secondHeadThatDoesNotComeWholeEndsTheConnection() {
        gateway.listening("head-timeout: 300ms").start(TENANTS);
        RawClient kept = client(STRANGER);
        RawClient half = client(STRANGER);
        for (RawClient each : List.of(kept, half)) {
            assertThat(each.write(chat("GREEDY")).answer()).startsWith("HTTP/1.1 200");
        }
        half.write("POST /v1/chat/comp").awaitClosed();
        // Half of a head behind a call waits for its end.
        RawClient early = client(STRANGER).write(chat("GREEDY") + "GET");
        assertThat(early.answer()).startsWith("HTTP/1.1 200");
        early.awaitClosed();
        assertThat(kept.write(chat("GREEDY")).answer()).as("one that only idles").startsWith("HTTP/1.1 200");
        assertThat(kept.write(chat("GREEDY").substring(0, 30)).write("").open()).isTrue();
    }

    @Test
    void keptConnectionWithoutACallEndsInTime() {
        gateway.listening("idle: 300ms").start(TENANTS);
        RawClient called = client(STRANGER);
        RawClient refused = client(STRANGER);
        assertThat(called.write(chat("GREEDY")).answer()).startsWith("HTTP/1.1 200");
        assertThat(refused.write("GET /nothing HTTP/1.1\r\nhost: gateway\r\n\r\n").answer())
                .startsWith("HTTP/1.1 404");
        called.awaitClosed();
        refused.awaitClosed();
    }

    @Test
    void longestIdleMakeRoomWhenItGetsCrowded() {
        gateway.listening("max-connections: 10").start(TENANTS);
        for (int i = 0; i < 40; i++) {
            RawClient client = client(10 + i);
            assertThat(client.write(head("sk-not-a-key-of-anybody", "/chat/completions", 0)).answer())
                    .startsWith("HTTP/1.1 401");
        }
        assertThat(clients.getFirst().open()).isFalse();
        assertThat(clients.getLast().open()).isTrue();
    }

    @Test
    void announcedBodiesTakeNothing() {
        gateway.listening("max-body: 1MiB, max-held-bodies: 4MiB").start(TENANTS);
        for (int i = 0; i < 23; i++) {
            client(STRANGER).write(head(gateway.key("GREEDY"), "/chat/completions", 1 << 20) + "{");
        }
        Await.until("bodies have begun", () -> meter("sluice_held_body_bytes") > 0);
        assertThat(meter("sluice_held_body_bytes")).isLessThan(23 * 4097);
        assertVictimIsServed();
    }

    /** The bytes it asked for are read to the end, so that no reset overtakes the answer. */
    @Test
    void callerThatWaitedToBeAskedReadsWhyItIsRefused() {
        gateway.listening("max-body: 1MiB").start(TENANTS);
        RawClient caller = client(STRANGER)
                .write("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
                        + gateway.key("GREEDY") + "\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n"
                        + "transfer-encoding: chunked\r\n\r\n");
        assertThat(caller.answer()).startsWith("HTTP/1.1 100");
        String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
        for (int i = 0; i < 48; i++) {
            caller.write(chunk);
        }
        assertThat(caller.write("0\r\n\r\n").answer()).startsWith("HTTP/1.1 413");
    }

    @Test
    void bodiesOfOneTenantLeaveRoomForThoseOfOthers() {
        gateway.listening("max-body: 1MiB, max-held-bodies: 1MiB").start(TENANTS);
        String much = "x".repeat(300_000);
        // The first is held whole before others come, so that more than a quarter stays held whichever is refused.
        List<RawClient> greedy = new ArrayList<>();
        greedy.add(client(STRANGER).write(head(gateway.key("GREEDY"), "/chat/completions", 1 << 20) + much));
        Await.until("it is held", () -> meter("sluice_held_body_bytes") >= much.length());
        for (int i = 1; i < 4; i++) {
            greedy.add(client(STRANGER).write(head(gateway.key("GREEDY"), "/chat/completions", 1 << 20) + much));
        }
        Await.until("one is refused", () -> meter("sluice_shared_refusals_total{thing=\"held-bodies\"}") > 0);
        String body = body("y".repeat(200_000));
        assertThat(client(OTHER).write(head(gateway.key("VICTIM"), "/chat/completions", body.length()) + body).answer())
                .startsWith("HTTP/1.1 200");
        greedy.getLast().close();
        clients.forEach(RawClient::close);
        awaitMeter("sluice_held_body_bytes", 0);
        assertThat(gateway.log().lines()).filteredOn(line -> line.contains("held-bodies: tenant greedy holds"))
                .hasSize(1);
    }

    @Test
    void bodyThatComesTooSlowlyIsEnded() throws Exception {
        gateway.listening("body-floor: 100KiB/s").start(TENANTS);
        RawClient slow = client(STRANGER).write(head(gateway.key("GREEDY"), "/chat/completions", 100_000));
        RawClient uploading = client(STRANGER).write(upload(100_000));
        Thread dribble = Thread.ofVirtual().start(() -> {
            while (slow.open() && uploading.open()) {
                slow.write(" ");
                uploading.write(" ");
            }
        });
        dribble.join();
        awaitMeter("sluice_held_body_bytes", 0);
        assertThat(gateway.log().calls(2)).extracting(call -> call.getInteger("status")).containsOnly(408);
    }

    @Test
    void upstreamConnectionsAreLeftForOthers() {
        gateway.upstream(
                "connections: 4\naccounts: [{ name: main, rpm: 100000, strict: false, keys: [\"${UPSTREAM_KEY}\"] }]\n")
                .start(TENANTS);
        List<RawClient> uploads = IntStream.range(0, 40).mapToObj(i -> client(STRANGER).write(upload(100_000)))
                .toList();
        Await.until("no more are given",
                () -> meter("sluice_shared_refusals_total{thing=\"upstream-connections\"}") > 10);
        for (int i = 0; i < 10; i++) {
            assertVictimIsServed();
        }
        assertThat(uploads.getLast().answer()).startsWith("HTTP/1.1 503").contains("\"code\":\"overloaded\"",
                "Your service already holds its share of the gateway's upstream connections");
        clients.forEach(RawClient::close);
        awaitMeter("sluice_shared_used_ratio{thing=\"upstream-connections\"}", 0);
    }
}
