package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.TestGateway;

/** Services whose token is replaced while they run, by a certified OpenID Connect issuer that also replaces its keys. */
@Timeout(180)
class RotatedTokensTest {
    private static final String SUBJECT = "system:serviceaccount:search:indexer";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    @TempDir
    private Path folder = Path.of("");

    @Test
    void noCallFailsWhileTokensAndKeysAreReplaced() {
        Path file = folder.resolve("token");
        Session issuer = Script.session(Tools.node("issuer.js"), new Call(new JsonObject().put("subject", SUBJECT)
                .put("audience", "sluice").put("file", file.toString()).put("lifeSeconds", 5).put("everyMillis", 500)
                .put("tokensPerKey", 6).put("keyChanges", 1)));
        gateway.start("""
                tenants: [{ name: search, rpm: 100000 }]
                identity:
                  issuers:
                    - issuer: %s
                      audience: sluice
                      tenants: [{ match: { sub: "system:serviceaccount:search:*" }, tenant: search }]
                """.formatted(issuer.next().getString("issuer")));
        Call call = new Call(new JsonObject().put("base", gateway.baseUrl()).put("file", file.toString())
                .put("millis", 5_000).put("pauseMillis", 20));
        List<Session> clients = List.of(Script.session(Tools.python("requirements.txt", "rotating.py"), call),
                Script.session(Tools.node("rotating.js"), call));
        for (Session client : clients) {
            JsonObject told = client.next();
            assertThat(told.getJsonArray("failures")).isEmpty();
            assertThat(told.getInteger("calls")).isPositive();
            assertThat(told.getInteger("tokens")).isGreaterThan(2);
            client.end();
        }
        issuer.end();
    }
}
