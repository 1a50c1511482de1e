package sluice.clients;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import java.nio.file.Path;
import java.nio.file.Files;
import sluice.tenancy.KeyDigest;
import sluice.testing.TestGateway;

/**
 * Schemathesis asks everything that the contract of the admin API allows, and much that it does not, and finds no answer
 * that the contract does not know.
 */
@Timeout(600)
class SchemathesisTest {
    private static final String TENANTS = "tenants: [{ name: bot, keys: [\"${BOT}\"] }]";
    /** What only the configuration knows, such as the names of plans, is a 400 that no schema foretells. */
    private static final String SETTINGS = "positive_data_acceptance";

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
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >&2", "sh", python, "-m",
                "schemathesis.cli", "run", contract.toString(), "--url", gateway.adminUrl(), "--header",
                "Authorization: Bearer " + gateway.key(token), "--exclude-checks", SETTINGS, "--max-examples", "20",
                "--seed",
                "1", "--no-color"));
        Script.output(command, Map.of("PYTHONDONTWRITEBYTECODE", "1", "HOME", folder.toString()));
    }
}
