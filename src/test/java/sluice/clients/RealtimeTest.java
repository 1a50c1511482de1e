package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.Certificate;
import sluice.testing.TestGateway;

/** The SDK for Node holds a realtime session, which it does over TLS only. */
@Timeout(120)
class RealtimeTest {
    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @Test
    void sessionAnswersAndIsMetered(@TempDir Path folder) throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        gateway.speakingTls(certificate).start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"], endpoints: [inference, realtime] }]
                """);
        Session session = Script.session(Tools.node("routes.js"), Call.of("realtime", gateway, "BOT"),
                Map.of("NODE_EXTRA_CA_CERTS", certificate.pem().toString()));
        JsonObject seen = session.next();
        session.end();
        assertThat(seen.getJsonArray("events").stream().map(String::valueOf)).contains("session.created",
                "session.updated", "response.created", "response.output_text.delta", "response.output_audio.delta",
                "response.done");
        assertThat(seen.getInteger("tokens")).isPositive();
        assertThat(gateway.upstream().accepted("main")).isEqualTo(1);
    }
}
