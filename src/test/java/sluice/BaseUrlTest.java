package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.TestGateway;

/** What the console tells people to give their SDK. */
class BaseUrlTest {
    private static final String TENANTS = "tenants: [{ name: bot, keys: [\"${BOT}\"] }]\n";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    private JsonObject session() {
        return new JsonObject(gateway.admin("/admin/v1/session", "authorization", "Bearer " + gateway.key("ADMIN"))
                .body());
    }

    @Test
    void withoutConfigurationItIsThePortOfTheGatewayAtTheHostOfTheConsole() {
        gateway.start(TENANTS);
        assertThat(session().getString("base_url")).isEqualTo(gateway.baseUrl());
        assertThat(session().getBoolean("base_url_guessed")).isTrue();
    }

    @Test
    void configuredItIsShownAsItIs() {
        gateway.listening("base-url: \"https://ai.example.com/openai/v1/\"").start(TENANTS);
        assertThat(session().getString("base_url")).isEqualTo("https://ai.example.com/openai/v1");
        assertThat(session().getBoolean("base_url_guessed")).isFalse();
    }
}
