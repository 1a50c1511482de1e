package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.ScriptedUpstream;
import sluice.testing.TestGateway;

/** OpenAI's SDKs give up on a slow upstream and repeat the call: with an Idempotency-Key it is made, and paid, once. */
@Timeout(120)
class RetriedCallsTest {
    private static final String COMPLETION = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"
            + "\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","
            + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"}}],"
            + "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}";

    private final CountDownLatch repeated = new CountDownLatch(1);
    private final ScriptedUpstream upstream = ScriptedUpstream.start(this::serve);

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    @AfterEach
    void close() {
        repeated.countDown();
        upstream.close();
    }

    private void serve(ScriptedUpstream.Peer peer, int number) throws IOException {
        peer.readBody();
        peer.run();
        try {
            repeated.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        peer.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + COMPLETION.length()
                + "\r\n\r\n" + COMPLETION);
    }

    private static List<String> command(Sdk sdk) {
        return sdk == Sdk.NODE ? Tools.node("retried.js") : Tools.python("requirements.txt", "retried.py");
    }

    @ParameterizedTest
    @EnumSource(names = {"PYTHON", "NODE"})
    void retryGetsTheAnswerOfTheCallThatItsTimeoutLeftBehind(Sdk sdk) {
        gateway.before(upstream.port()).start("tenants: [{ name: bot, rpm: 1000, keys: [\"${BOT}\"] }]");
        Session session = Script.session(command(sdk),
                new Call(Call.of("", gateway, "BOT").json().put("once", "job-1")));
        Await.until("the caller has given up", () -> gateway.metric("sluice_continued_calls") == 1);
        Await.until("it asks again", () -> gateway.metric("sluice_cache_followers") == 1);
        repeated.countDown();

        JsonObject got = session.next();
        assertThat(got.getString("text")).isEqualTo("Hello");
        assertThat(got.getInteger("retries")).isPositive();
        assertThat(got.getString("did")).isIn("JOINED", "REPLAYED");
        assertThat(upstream.runs()).isEqualTo(1);
        Await.until("every attempt is in the ledger",
                () -> usage().getLong("calls", 0L) == got.getInteger("retries") + 1);
        assertThat(usage().getLong("input_tokens") + usage().getLong("output_tokens")).isEqualTo(12);
    }

    private JsonObject usage() {
        JsonArray rows = AdminClient
                .body(200, new AdminClient(gateway.adminUrl(), gateway.key("ADMIN")).get("/usage?by=tenant"))
                .getJsonArray("data");
        return rows.isEmpty() ? new JsonObject() : rows.getJsonObject(0);
    }
}
