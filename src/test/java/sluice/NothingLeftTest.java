package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.ref.WeakReference;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.Await;
import sluice.testing.Instances;
import sluice.testing.RawSocket;
import sluice.testing.RedisProcess;
import sluice.testing.TestGateway;

/** The collector can take what a gateway no longer needs: all of it once stopped, and old connections once reloaded. */
@Timeout(120)
class NothingLeftTest {
    private static final int RELOADS = 10;
    /** Enough for the threads that work on large bodies. */
    private static final int LARGE = 300_000;
    private static final String WEB_SOCKETS = "io.vertx.core.http.impl.WebSocketClientImpl";
    private static final String TCP = "io.vertx.core.net.impl.tcp.NetClientImpl";
    private static final String ACCOUNT = "accounts: [{ name: main, rpm: 100000, strict: false, "
            + "keys: [\"${UPSTREAM_KEY}\"] }]\n";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final RedisProcess redis = RedisProcess.start();

    @AfterEach
    void close() {
        redis.close();
    }

    private String tenants() {
        return "redis: { url: \"" + redis.url() + "\" }\ntenants: [{ name: bot, rpd: 10000, keys: [\"${BOT}\"] }]\n";
    }

    private void ask(String question, boolean stream) {
        JsonObject body = new JsonObject().put("model", "gpt-4o-mini").put("stream", stream).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", question)));
        assertThat(gateway.post("/chat/completions", "BOT", body).statusCode()).isEqualTo(200);
    }

    private void talk() {
        try (RawSocket socket = RawSocket.open(gateway.baseUrl(), "/responses",
                "Authorization: Bearer " + gateway.key("BOT"))) {
            assertThat(socket.status()).isEqualTo(101);
            socket.text("{\"type\":\"response.create\",\"model\":\"gpt-4o-mini\",\"input\":\"x\"}");
            socket.next(RawSocket.TEXT);
        }
    }

    private void reload(int times) {
        for (int i = 0; i < times; i++) {
            gateway.upstream(ACCOUNT + "timeouts: { connect: " + (i % 2 + 1) + "s }");
            Future<Void> reloaded = gateway.reload(tenants());
            Await.until("reload", reloaded::isComplete);
            assertThat(reloaded.succeeded()).isTrue();
        }
    }

    @Test
    void stoppedGatewayIsCollectedWhateverItDid() {
        gateway.start(tenants());
        ask("Short?", false);
        ask("Streamed?", true);
        ask("x".repeat(LARGE), false);
        talk();
        assertThat(gateway.admin("/admin/v1/tenants").statusCode()).isEqualTo(200);
        assertThat(gateway.send(gateway.request("/files", gateway.key("BOT")).method("GET",
                BodyPublishers.noBody())).statusCode()).isLessThan(500);
        reload(2);

        WeakReference<?> stopped = gateway.reference();
        gateway.restart();
        Await.until("the stopped gateway is collected", () -> {
            System.gc();
            return stopped.refersTo(null);
        });
    }

    @Test
    void reloadedGatewayKeepsNoConnectionsOfBefore() {
        gateway.start(tenants());
        reload(2);
        long sockets = Instances.of(WEB_SOCKETS);
        long lines = Instances.of(TCP);
        assertThat(sockets).as("clients for WebSockets").isPositive();
        reload(RELOADS);
        Await.until("as many clients for WebSockets as before", () -> Instances.of(WEB_SOCKETS) <= sockets);
        Await.until("as many clients for TCP as before", () -> Instances.of(TCP) <= lines);
    }
}
