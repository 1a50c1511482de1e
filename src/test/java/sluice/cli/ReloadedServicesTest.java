package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.edge.Services;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** What a reload leaves as it is: event loops get new stages only if something that these use differs. */
@Timeout(60)
class ReloadedServicesTest {
    private static final String TENANT = "tenants: [{ name: bot, keys: [sk-sluice-bot-0123456789abcdef] }]\n";
    private static final String ACCOUNT = "accounts: [{ name: main, rpm: 60, keys: [sk-upstream-0123456789abcdef] }]";
    private static final String UPSTREAM = "upstream: { base-url: \"http://127.0.0.1:1/v1\", " + ACCOUNT + " }\n";

    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = Gateway.start(config(TENANT + UPSTREAM), Time.system()).await();
    }

    @AfterEach
    void stop() {
        gateway.stop().await();
    }

    private static GatewayConfig config(String text) throws InvalidConfig {
        return TestConfig.parse("listen: { host: 127.0.0.1, port: 0 }\nadmin: { port: 0 }\n" + text, name -> null);
    }

    @ParameterizedTest
    @ValueSource(strings = {TENANT, "tenants: [{ name: bot, keys: [sk-sluice-new-0123456789abcdef] }]\n",
            "tenants: [{ name: another, rpm: 7, keys: [sk-sluice-bot-0123456789abcdef] }]\n",
            TENANT + "prices: { gpt-4o: { input: 1, output: 2 } }\n", TENANT + "cache: { ttl: 1s }\n",
            TENANT + "plans: { free: { rpm: 3 } }\n", TENANT + "metrics: { max-tenants: 7 }\n"})
    void whatConcernsNoStageBuildsNone(String text) throws Exception {
        Services before = gateway.services();
        gateway.reload(config(text + UPSTREAM)).await();
        assertThat(gateway.services()).isNotNull().isSameAs(before);
    }

    @Test
    void summaryNamesTheUpstreamOfEachAccount() throws Exception {
        gateway.reload(config(TENANT + """
                upstream:
                  base-url: http://127.0.0.1:1/v1
                  accounts:
                    - { name: a, rpm: 60, keys: [sk-upstream-0123456789abcdef] }
                    - { name: b, rpm: 60, keys: [sk-second-0123456789abcdef], base-url: "http://127.0.0.1:2/v1" }
                    - { name: c, rpm: 60, keys: [sk-third-0123456789abcdef] }
                """)).await();
        assertThat(gateway.summary())
                .endsWith("1 tenant, with accounts a, c at http://127.0.0.1:1/v1; b at http://127.0.0.1:2/v1");
    }

    @Test
    void whatConcernsThemBuildsThemAnew() throws Exception {
        Services before = gateway.services();
        gateway.reload(config(TENANT + UPSTREAM.replace("name: main", "name: other"))).await();
        assertThat(gateway.services()).isNotNull().isNotSameAs(before);
    }
}
