package sluice.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.tenancy.KeyDigest;
import sluice.testing.TestGateway;

/**
 * Schemathesis asks everything that the contract of the admin API allows, and much that it does not, and finds no answer
 * that the contract does not know. {@code -Dsluice.examples} says how often it asks.
 */
@Timeout(600)
class SchemathesisTest {
    /** For each operation. */
    private static final String EXAMPLES = System.getProperty("sluice.examples", "10");
    private static final String TENANTS = "tenants: [{ name: bot, keys: [\"${BOT}\"] }]";
    /**
     * What the schema allows is accepted, but where it cannot know better: settings of tenants name plans and accounts of the
     * configuration, a report's months may end before they begin, an Idempotency-Key may have come with another
     * request, a text need not be a configuration, and where a list of ids leads on to one id, the client sends them all.
     */
    private static final String CONFIG = Stream
            .of("POST /admin/v1/tenants", "PATCH /admin/v1/tenants/{name}", "GET /admin/v1/usage",
                    "POST /admin/v1/tenants/{name}/keys", "POST /admin/v1/keys/{id}/rotate", "POST /admin/v1/dry-run",
                    "GET /admin/v1/objects")
            .map(route -> """
                    [[operations]]
                    include-name = "%s"
                    checks.positive_data_acceptance.enabled = false
                    """.formatted(route)).collect(Collectors.joining());

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void everyAnswerIsInTheContract() throws IOException, InterruptedException {
        gateway.administered("tokens: [{ name: team, role: \"tenant:bot\", sha256: \"%s\" }]"
                .formatted(KeyDigest.of(gateway.key("TEAM")).hex())).start(TENANTS);
        for (String token : List.of("ADMIN", "TEAM")) {
            run(token);
        }
    }

    private void run(String token) throws IOException, InterruptedException {
        String python = Tools.python("schemathesis.txt");
        Path contract = folder.resolve("openapi.yaml");
        Files.writeString(contract, gateway.admin("/admin/v1/openapi.yaml", "authorization",
                "Bearer " + gateway.key(token)).body());
        Path config = Files.writeString(folder.resolve("schemathesis.toml"), CONFIG);
        List<String> command = new ArrayList<>(List.of("bash", "-c",
                "set -o pipefail; cd \"$HOME\"; \"$@\" | tee /dev/stderr", "bash", python, "-m",
                "schemathesis.cli", "--config-file", config.toString(), "run", contract.toString(), "--url",
                gateway.adminUrl(), "--header",
                "Authorization: Bearer " + gateway.key(token), "--max-examples", EXAMPLES,
                "--seed",
                "1", "--no-color"));
        String said = Script.output(command, Map.of("PYTHONDONTWRITEBYTECODE", "1", "HOME", folder.toString()));
        said.lines().filter(line -> line.contains("Operations:") || line.contains("Test cases:")
                || line.contains("generated")).forEach(line -> System.out.println("schemathesis, " + line.strip()));
    }
}
