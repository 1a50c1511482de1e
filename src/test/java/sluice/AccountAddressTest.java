package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.EchoUpstream;
import sluice.testing.EchoUpstream.Received;
import sluice.testing.RawSocket;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** Accounts may live at other hosts than the rest, and want their keys otherwise. */
@Timeout(60)
class AccountAddressTest {
    private static final String TENANTS = """
            tenants:
              - { name: here, accounts: [main], keys: ["${HERE}"], endpoints: [inference, realtime] }
              - { name: there, accounts: [azure], keys: ["${THERE}"], endpoints: [inference, realtime] }
            """;

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final Vertx vertx = Vertx.vertx();
    private final EchoUpstream main = EchoUpstream.start(vertx);
    private final EchoUpstream azure = EchoUpstream.start(vertx);
    private int calls;

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static String accounts(int azurePort) {
        return """
                accounts:
                  - { name: main, keys: [sk-main] }
                  - { name: azure, base-url: "http://127.0.0.1:%d/openai/v1/", key-header: api-key, keys: [azure-key] }
                """.formatted(azurePort);
    }

    private int call(String keyName) {
        return gateway.post("/embeddings?x=1", keyName,
                new JsonObject().put("model", "m").put("input", "text " + ++calls)).statusCode();
    }

    @Test
    void eachAccountIsCalledAtItsOwnBaseUrlWithItsKeyInItsHeader() {
        gateway.upstream(accounts(azure.port())).before(main.port()).start(TENANTS);
        assertThat(call("HERE")).isEqualTo(200);
        assertThat(call("THERE")).isEqualTo(200);
        Received here = main.last();
        Received there = azure.last();
        assertThat(here.uri()).isEqualTo("/v1/embeddings?x=1");
        assertThat(here.headers()).containsEntry("authorization", "Bearer sk-main").doesNotContainKey("api-key")
                .containsEntry("host", "127.0.0.1:" + main.port());
        assertThat(there.uri()).isEqualTo("/openai/v1/embeddings?x=1");
        assertThat(there.headers()).containsEntry("api-key", "azure-key").doesNotContainKey("authorization")
                .containsEntry("host", "127.0.0.1:" + azure.port());
    }

    @Test
    void webSocketsGoThereToo() throws Exception {
        ScriptedSockets sockets = ScriptedSockets.start(vertx);
        gateway.upstream(accounts(sockets.port())).before(main.port()).start(TENANTS);
        try (RawSocket raw = RawSocket.open(gateway.baseUrl(), "/realtime?model=m",
                "Authorization: Bearer " + gateway.key("THERE"))) {
            assertThat(raw.status()).isEqualTo(101);
            assertThat(sockets.handshake().entries()).extracting(Map.Entry::getKey, Map.Entry::getValue)
                    .contains(tuple("api-key", "azure-key"));
        }
    }

    @Test
    void accountThatMovesIsCalledAtItsNewPlace() {
        gateway.upstream(accounts(azure.port())).before(main.port()).start(TENANTS);
        assertThat(call("THERE")).isEqualTo(200);
        EchoUpstream moved = EchoUpstream.start(vertx);
        gateway.upstream(accounts(moved.port())).reload(TENANTS).toCompletionStage().toCompletableFuture().join();
        assertThat(call("THERE")).isEqualTo(200);
        assertThat(moved.last().uri()).isEqualTo("/openai/v1/embeddings?x=1");
        assertThat(azure.received()).hasSize(1);
    }

    @Test
    void effectiveConfigurationShowsWhereAndHow() {
        gateway.upstream(accounts(azure.port())).before(main.port()).start(TENANTS);
        assertThat(gateway.admin("/admin/v1/config").body())
                .contains("base-url: http://127.0.0.1:" + azure.port() + "/openai/v1\n", "key-header: api-key",
                        "key-header: authorization")
                .doesNotContain("azure-key");
    }
}
