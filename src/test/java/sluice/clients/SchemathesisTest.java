package sluice.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.tenancy.KeyDigest;
import sluice.testing.TestGateway;

/**
 * Schemathesis asks everything that the contract of the admin API allows, and much that it does not, and finds no answer
 * that the contract does not know.
 */
@Timeout(600)
class SchemathesisTest {
    private static final String TENANTS = "tenants: [{ name: bot, keys: [\"${BOT}\"] }]";
    /**
     * What the schema allows is accepted, but for two routes: the settings of tenants name plans and accounts, which only the
     * configuration knows, and a report's months may end before they begin.
     */
    private static final String CONFIG = """
            [[operations]]
            include-name = "POST /admin/v1/tenants"
            checks.positive_data_acceptance.enabled = false

            [[operations]]
            include-name = "PATCH /admin/v1/tenants/{name}"
            checks.positive_data_acceptance.enabled = false

            [[operations]]
            include-name = "GET /admin/v1/usage"
            checks.positive_data_acceptance.enabled = false
            """;

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
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >&2", "sh", python, "-m",
                "schemathesis.cli", "--config-file", config.toString(), "run", contract.toString(), "--url", gateway.adminUrl(), "--header",
                "Authorization: Bearer " + gateway.key(token), "--max-examples", "20",
                "--seed",
                "1", "--no-color"));
        Script.output(command, Map.of("PYTHONDONTWRITEBYTECODE", "1", "HOME", folder.toString()));
    }
}
