package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.cluster.RedisSettings;
import sluice.yaml.InvalidConfig;

class EffectiveConfigTest {

    /** Stands in for the key that encrypts cached answers, which must have a form. */
    private static final String SOME_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    /** All but the secrets: keys of accounts, passwords, and so the warnings. */
    @Test
    void canBeReadAgainToTheSameSettings() throws InvalidConfig {
        for (var file : List.of(Configs.EVERY_KEY, Configs.SHIPPED, Configs.EXAMPLE)) {
            GatewayConfig config = ConfigReader.read(file, Configs.environment());
            GatewayConfig again = ConfigReader.parse(config.effective().yaml()
                    .replaceFirst("(?s)(\\ncache:.*?keys:.*?)\\[redacted]", "$1" + SOME_KEY), name -> null);

            assertThat(again.listen()).isEqualTo(config.listen());
            assertThat(again.admin().withoutTokens()).isEqualTo(config.admin().withoutTokens());
            assertThat(again.admin().digests()).isEqualTo(config.admin().digests());
            assertThat(again.admin().oidc().map(AdminServer.Oidc::roles))
                    .isEqualTo(config.admin().oidc().map(AdminServer.Oidc::roles));
            assertThat(again.upstream().baseUrl()).isEqualTo(config.upstream().baseUrl());
            assertThat(again.accounts()).extracting(AccountEntry::limits)
                    .isEqualTo(config.accounts().stream().map(AccountEntry::limits).toList());
            assertThat(again.plans()).isEqualTo(config.plans());
            assertThat(again.tenants()).isEqualTo(config.tenants());
            assertThat(again.cache()).isEqualTo(config.cache());
            assertThat(again.queue()).isEqualTo(config.queue());
            assertThat(again.drain()).isEqualTo(config.drain());
            assertThat(again.metrics()).isEqualTo(config.metrics());
            assertThat(again.retries()).isEqualTo(config.retries());
            assertThat(again.breaker()).isEqualTo(config.breaker());
            assertThat(again.redis().map(RedisSettings::exact)).isEqualTo(config.redis().map(RedisSettings::exact));
            assertThat(again.redis().map(RedisSettings::addresses))
                    .isEqualTo(config.redis().map(RedisSettings::addresses));
            assertThat(again.ledger()).isEqualTo(config.ledger());
            assertThat(again.effective().yaml()).isEqualTo(config.effective().yaml());
        }
    }

    @Test
    void showsNoSecret() throws InvalidConfig {
        String yaml = ConfigReader.read(Configs.EVERY_KEY, Configs.environment()).effective().yaml();

        assertThat(yaml).doesNotContain("sk-", "second-account-key", Configs.ADMIN_TOKEN).contains("[redacted]");
    }

    @Test
    void whatLooksLikeAVariableStaysAsItIs() throws InvalidConfig {
        GatewayConfig config = Configs.minimal("      organization: org-$${NOT_SET}\n");

        assertThat(config.accounts().getFirst().account().organization()).contains("org-${NOT_SET}");
        assertThat(ConfigReader.parse(config.effective().yaml(), name -> null).accounts().getFirst().account()
                .organization()).contains("org-${NOT_SET}");
    }

    @Test
    void isWrittenInTypedForms() throws InvalidConfig {
        assertThat(ConfigReader.read(Configs.EVERY_KEY, Configs.environment()).effective().yaml()).contains(
                "max-held-bodies: 512MiB\n", "head-timeout: 500ms\n", "connection-max-age: 1d\n", "max-wait: 0s\n",
                "mode: off\n", "not-after: 2027-02-01T00:00:00Z\n");
    }
}
