package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.litellm.TenantsTest.GROUPS;
import static sluice.litellm.TenantsTest.moved;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.tenancy.Tenant;

/** What teams may call, by lists with patterns, aliases and limits of 0. */
class GrantsTest {
    private static final String TWO_KEYS = """
            model_list:
              - model_name: gpt-4o
                litellm_params: { model: openai/gpt-4o, api_key: os.environ/A, rpm: 100 }
              - model_name: o3-mini
                litellm_params: { model: openai/o3-mini, api_key: os.environ/B, rpm: 50 }
            """;
    private static final String ANY = """
              - model_name: "openai/*"
                litellm_params: { model: "openai/*", api_key: os.environ/A }
            """;
    private static final String AZURE = """
              - model_name: gpt-4o
                litellm_params: { model: azure/prod, api_base: "https://eu.azure.com", api_key: os.environ/Z, rpm: 100 }
            """;
    private static final String BY_PATTERN = "\"models\": [\"openai/*\"]";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void patternAllowsPlainNamesOfItsProviderAtEveryAccount() throws Exception {
        Moved moved = moved(TWO_KEYS + ANY + AZURE, Moved.team("data", BY_PATTERN));

        Tenant data = Moved.tenant(moved.config(folder), "data");
        assertThat(List.of("gpt-4o", "o3-mini", "prod", "gpt-4.1")).allMatch(data::mayUse);
        assertThat(moved.note("models that may no longer be called")).isEmpty();
    }

    @Test
    void patternAllowsAnAliasThatIsAModelsNameAndTellsThatTheModelIsLost() throws Exception {
        Moved moved = moved(
                TWO_KEYS + ANY + "litellm_settings: { model_alias_map: { gpt-4: gpt-4o, mine: o3-mini } }\n",
                Moved.team("data", BY_PATTERN));

        assertThat(moved.note("team data must ask for"))
                .isEqualTo(": NAME instead of openai/NAME, gpt-4o instead of gpt-4");
        assertThat(moved.note("models that may no longer be called")).endsWith(": team data (gpt-4)");
        assertThat(moved.note("models keep their names here")).contains("o3-mini instead of mine");
        assertThat(moved.note("no counterpart")).isEmpty();
    }

    @Test
    void listThatHoldsEverythingIsStillAList() throws Exception {
        Moved moved = moved(TWO_KEYS, Moved.team("data", BY_PATTERN), Moved.team("all", ""));

        assertThat(moved.tenant("data").get("models")).isEqualTo(List.of("gpt-4o", "o3-mini"));
        assertThat(moved.tenant("all").get("models")).isNull();
    }

    @Test
    void limitIsDividedAmongModelsThatMayBeCalled() throws Exception {
        Moved moved = moved(TWO_KEYS + AZURE,
                """
                        {"team_id": "t", "team_alias": "t", "keys": [%s], "metadata": {"model_rpm_limit": {"gpt-4o": 20, "o3-mini": 4}}}
                        """
                        .formatted(Moved.key("k", "\"models\": [\"openai/gpt-4o\"]")));

        assertThat(moved.tenant("t-k").get("models")).isEqualTo(List.of("gpt-4o"));
        assertThat(moved.tenant("t-k").get("model-limits")).isEqualTo(Map.of("gpt-4o", Map.of("rpm", 20)));
    }

    @Test
    void limitOfANameThatMayNotBeCalledIsNotAdded() throws Exception {
        Moved moved = moved(TWO_KEYS + """
                  - model_name: gpt-4o-batch
                    litellm_params: { model: openai/gpt-4o, api_key: os.environ/A, rpm: 50 }
                """, Moved.team("a", """
                "models": ["gpt-4o"], "metadata": {"model_rpm_limit": {"gpt-4o": 10, "gpt-4o-batch": 4, "o3-mini": 5}}
                """));

        assertThat(moved.tenant("a").get("model-limits")).isEqualTo(Map.of("gpt-4o", Map.of("rpm", 10)));
        assertThat(moved.note("limits of names that may not be called")).isEqualTo(
                ": team a (model_rpm_limit of gpt-4o-batch, model_rpm_limit of o3-mini)");
    }

    @Test
    void teamsAliasIsResolvedInItsListAndItsLimits() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("al", """
                "models": ["quick", "gpt-4o"], "metadata": {"model_rpm_limit": {"quick": 9}},
                "litellm_model_table": {"model_aliases": {"quick": "gpt-4o"}}
                """)).keys("[" + Moved.key("same", "\"team_id\": \"id-al\", \"models\": [\"quick\"]") + "]");

        assertThat(moved.tenants()).as("the key's list has it too").containsExactly("al");
        assertThat(moved.tenant("al").get("models")).isEqualTo(List.of("gpt-4o"));
        assertThat(moved.tenant("al").get("model-limits")).isEqualTo(Map.of("gpt-4o", Map.of("rpm", 9)));
        assertThat(moved.note("team al must ask for")).isEqualTo(": gpt-4o instead of quick");
        assertThat(moved.note("models that no account serves")).isEmpty();
    }

    @Test
    void modelWithALimitOfZeroIsNotAmongTheModels() throws Exception {
        String zero = "\"metadata\": {\"model_tpm_limit\": {\"gpt-4o\": 0}}";
        Moved moved = moved(GROUPS, Moved.team("some", "\"models\": [\"premium\", \"fast\"], " + zero),
                Moved.team("every", zero), Moved.team("none", "\"models\": [\"gpt-4o\"], " + zero),
                Moved.team("alias", "\"models\": [\"gpt-4o\", \"gpt-4\"], " + zero));

        assertThat(moved.tenants()).containsExactly("some", "every", "alias");
        assertThat(moved.tenant("some").get("models")).isEqualTo(List.of("gpt-4.1", "gpt-4o-mini"));
        assertThat(moved.note("models with a limit of 0")).endsWith(": team some (gpt-4o)");
        assertThat(moved.note("no model without a limit of 0")).isEqualTo(": team none (gpt-4o)");
        assertThat(moved.note("a limit of 0 cannot be set")).endsWith(": team every (gpt-4o), team alias (gpt-4o)");
    }

    @Test
    void keyWithALimitOfZeroForAModelIsATenantOfItsOwn() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "t", "models": ["gpt-4o", "fast"], "keys": [%s, %s]}
                """.formatted(Moved.key("a", ""),
                Moved.key("b",
                        "\"models\": [\"gpt-4o\", \"fast\"], \"metadata\": {\"model_rpm_limit\": {\"gpt-4o\": 0}}")));

        assertThat(moved.tenant("t-b").get("models")).isEqualTo(List.of("gpt-4o-mini"));
    }
}
