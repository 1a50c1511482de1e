package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sluice.yaml.InvalidConfig;

class ConfigChangeTest {

    private static GatewayConfig config(String before, String keys) throws InvalidConfig {
        return ConfigReader.parse(before + """
                upstream: { accounts: [{ name: main, keys: ["${OPENAI_API_KEY}"] }] }
                tenants: [{ name: bot, keys: [%s] }]
                """.formatted(keys), Configs.environment());
    }

    @Test
    void linesThatHaveMovedAreNoChange() throws InvalidConfig {
        GatewayConfig before = config("", "a-key-in-plain-text-0123456789");
        assertThat(before.warnings()).hasSize(1);
        ConfigChange change = new ConfigChange(before,
                config("# A comment.\n\n", "a-key-in-plain-text-0123456789"));
        assertThat(change.isNone()).isTrue();
        assertThat(change.newWarnings()).isEmpty();
    }

    @Test
    void newWarningsAreThoseNotGivenBefore() throws InvalidConfig {
        ConfigChange change = new ConfigChange(config("", "a-key-in-plain-text-0123456789"),
                config("", "a-key-in-plain-text-0123456789, another-key-in-plain-text-0123456789"));
        assertThat(change.isNone()).isFalse();
        assertThat(change.newWarnings()).singleElement().asString().contains("tenants[0] (bot) keys[1]");
    }
}
