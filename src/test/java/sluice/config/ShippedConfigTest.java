package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.tenancy.Tenant;
import sluice.yaml.Document;
import sluice.yaml.Findings;
import sluice.yaml.Interpolation;
import sluice.yaml.InvalidConfig;
import sluice.yaml.Problem;

/** Holds the files in config/ to the code. */
class ShippedConfigTest {
    private static final String ISSUER = "identity.issuers[0] (https://kubernetes.default.svc.cluster.local) ";

    @Test
    void sluiceYamlStatesTheDefaults() throws InvalidConfig {
        assertThat(ConfigReader.read(Configs.SHIPPED, Configs.environment())).isEqualTo(Configs.minimal(""));
    }

    @Test
    void sluiceYamlStartsWithAnApiKeyAlone() throws InvalidConfig {
        GatewayConfig config = ConfigReader.read(Configs.SHIPPED,
                name -> name.equals("OPENAI_API_KEY") ? Configs.OPENAI_KEY : null);

        assertThat(config.warnings()).containsExactly(
                "tenants: none, so every call is refused with 401; declare one here, or make one in the console");
    }

    /** Optional keys are there as comments; uncommented, the only thing wrong may be that their files do not exist. */
    @Test
    void sluiceYamlNamesEveryKeyThatCanBeRead() {
        String all = Configs.text(Configs.SHIPPED).replaceAll("(?m)^( *)#(?! \\S|$)", "$1");
        RecordedKeys keys = new RecordedKeys();
        List<Problem> problems = List.of();
        try {
            ConfigReader.read(Document.of("all", all),
                    new Findings(new Interpolation(Configs.environment()), keys));
        } catch (InvalidConfig e) {
            problems = e.problems();
        }

        assertThat(problems).extracting(problem -> problem.path().replaceFirst(", line .*", "")).containsExactly(
                "include", "listen.tls.certificate", "listen.tls.key", "listen.tls.client-ca",
                "admin.oidc.client-secret",
                "admin.oidc.ca-file", "admin.tls.certificate", "admin.tls.key",
                "upstream.proxy.password", "upstream.ca-file", "upstream.accounts[0] (main) tls.certificate",
                "upstream.accounts[0] (main) tls.key", ISSUER + "ca-file", ISSUER + "token-file",
                "cache.redis.user", "cache.redis.ca-file", "cache.redis.keys[0]", "traces.headers.x-api-key",
                "redis.user",
                "redis.ca-file");
        assertThat(keys.absent()).isEmpty();
    }

    @Test
    void exampleYamlStartsWithoutWarnings() throws InvalidConfig {
        GatewayConfig config = ConfigReader.read(Configs.EXAMPLE, Configs.environment());

        assertThat(config.warnings()).isEmpty();
        assertThat(config.tenants()).extracting(Tenant::name).containsExactly("support-bot",
                "search");
        assertThat(Configs.text(Configs.EXAMPLE).lines()).hasSizeLessThanOrEqualTo(40);
    }
}
