package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.litellm.TenantsTest.moved;

import java.util.List;
import org.junit.jupiter.api.Test;

/** One model at several accounts, between which LiteLLM chooses by its own names. */
class ReachTest {
    private static final String REGIONS = """
            model_list:
              - model_name: gpt-4o-eu
                litellm_params: { model: azure/gpt-4o, api_base: "https://eu.azure.com", api_key: os.environ/EU, rpm: 300 }
              - model_name: gpt-4o-us
                litellm_params: { model: azure/gpt-4o, api_base: "https://us.azure.com", api_key: os.environ/US, rpm: 300 }
              - model_name: gpt-4o-batch
                litellm_params: { model: azure/gpt-4o, api_base: "https://batch.azure.com", api_key: os.environ/B, rpm: 30 }
            """;
    private static final String APART = "LiteLLM sends these names of one model to different accounts";

    @Test
    void tenantHasTheAccountsThatItsNamesReach() throws Exception {
        Moved moved = moved(REGIONS, Moved.team("bank", "\"models\": [\"gpt-4o-eu\"]"),
                Moved.team("web", "\"models\": [\"gpt-4o-us\"]"), Moved.team("all", ""),
                Moved.team("both", "\"models\": [\"gpt-4o-eu\", \"gpt-4o-us\"]"));

        assertThat(moved.tenant("bank").get("accounts")).isEqualTo(List.of("eu.azure.com"));
        assertThat(moved.tenant("web").get("accounts")).isEqualTo(List.of("us.azure.com"));
        assertThat(moved.tenant("both").get("accounts")).isEqualTo(List.of("eu.azure.com", "us.azure.com"));
        assertThat(moved.tenant("all").get("accounts")).isNull();
        assertThat(moved.note(APART)).contains("team all (gpt-4o for gpt-4o-eu and gpt-4o-us and gpt-4o-batch)",
                "team both (gpt-4o for gpt-4o-eu and gpt-4o-us)").doesNotContain("team bank", "team web");
    }

    @Test
    void keyThatReachesFewerAccountsIsATenantOfItsOwn() throws Exception {
        Moved moved = moved(REGIONS, """
                {"team_id": "t", "team_alias": "both", "models": ["gpt-4o-eu", "gpt-4o-us"], "keys": [%s, %s, %s]}
                """.formatted(Moved.key("a", ""), Moved.key("b", "\"models\": [\"gpt-4o-us\", \"gpt-4o-batch\"]"),
                Moved.key("c", "\"models\": [\"gpt-4o-batch\"]")));

        assertThat(moved.tenants()).containsExactly("both", "both-b");
        assertThat(moved.tenant("both-b").get("accounts")).isEqualTo(List.of("us.azure.com"));
        assertThat(moved.note("no model that both the key and its team may call")).contains("key c of team both");
    }

    @Test
    void wildcardDoesNotReachAnAccountOfTheSameModel() throws Exception {
        Moved moved = moved(REGIONS + """
                  - model_name: "openai/*"
                    litellm_params: { model: "openai/*", api_key: os.environ/OPENAI_API_KEY, rpm: 500 }
                """, Moved.team("any", "\"models\": [\"openai/*\"]"), Moved.team("one", "\"models\": [\"gpt-4o\"]"),
                Moved.team("everything", "\"models\": [\"*\"]"));

        assertThat(moved.tenant("any").get("accounts")).isEqualTo(List.of("openai"));
        assertThat(moved.tenant("everything").get("accounts")).isNull();
        assertThat(moved.tenant("one").get("models")).isEqualTo(List.of("gpt-4o"));
    }

    @Test
    void accountThatATenantHasForAnotherModelIsTold() throws Exception {
        Moved moved = moved(
                REGIONS + """
                          - model_name: mini-us
                            litellm_params: { model: azure/mini, api_base: "https://us.azure.com", api_key: os.environ/US, rpm: 300 }
                        """,
                Moved.team("mixed", "\"models\": [\"gpt-4o-eu\", \"mini-us\"]"));

        assertThat(moved.tenant("mixed").get("accounts")).as("both of its models are at the first")
                .isEqualTo(List.of("us.azure.com", "eu.azure.com"));
        assertThat(moved.note("a call for these models may go to an account LiteLLM would not use for it"))
                .contains("team mixed (gpt-4o)");
    }

    @Test
    void limitsOfNamesThatBecomeOneModelAreAddedAndTold() throws Exception {
        Moved moved = moved(REGIONS, Moved.team("lim", """
                "models": ["gpt-4o-eu", "gpt-4o-batch"],
                "metadata": {"model_rpm_limit": {"gpt-4o-eu": 100, "gpt-4o-batch": 2}}
                """));

        assertThat(moved.tenant("lim").get("model-limits")).hasToString("{gpt-4o={rpm=102}}");
        assertThat(moved.note("limits of several names for one model are added up"))
                .contains("team lim (model_rpm_limit of gpt-4o-eu and gpt-4o-batch: gpt-4o)");
    }
}
