package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.litellm.TenantsTest.GROUPS;
import static sluice.litellm.TenantsTest.WILDCARDS;
import static sluice.litellm.TenantsTest.moved;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.config.GatewayConfig;
import sluice.tenancy.Tenant;

class ModelNamesTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void namesAreThoseThatTheServersKnow() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("groups", "\"models\": [\"premium\"]"),
                Moved.team("aliases", "\"models\": [\"gpt-4\", \"turbo\", \"fast\", \"claude\"]"),
                Moved.team("own", """
                        "models": ["fast"], "litellm_model_table": {"model_aliases": "{\\"best\\": \\"smart\\"}"}
                        """));

        assertThat(moved.tenant("groups").get("models")).isEqualTo(List.of("gpt-4o", "gpt-4.1"));
        assertThat(moved.tenant("aliases").get("models")).isEqualTo(List.of("gpt-4o", "gpt-4o-mini"));
        assertThat(moved.tenant("own").get("models")).isEqualTo(List.of("gpt-4o-mini", "gpt-4.1"));
        assertThat(moved.note("team groups must ask for")).isEqualTo(": gpt-4.1 instead of smart");
        assertThat(moved.note("team aliases must ask for")).isEqualTo(
                ": gpt-4o instead of gpt-4, gpt-4o-mini instead of turbo, gpt-4o-mini instead of fast");
        assertThat(moved.note("team own must ask for")).contains("gpt-4.1 instead of best");
        assertThat(moved.note("models that no account serves")).isEqualTo(": team aliases (claude)");
        assertThat(moved.note("models keep their names here")).contains("gpt-4.1 instead of smart",
                "gpt-4o instead of gpt-4");
    }

    @Test
    void teamThatMayCallEveryModelIsTold() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", ""), Moved.team("b", "\"models\": [\"all-proxy-models\"]"),
                Moved.team("c", "\"models\": [\"gpt-4o\"]"));

        assertThat(moved.tenant("a").get("models")).isNull();
        assertThat(moved.tenant("b").get("models")).isNull();
        assertThat(moved.note("teams that may call every model")).contains("team a, team b").doesNotContain("team c");
    }

    @Test
    void teamWithoutAnyModelIsLeftOutRatherThanAllowedAll() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"models\": [\"claude\"]"),
                Moved.team("b", "\"models\": [\"no-default-models\"]"));

        assertThat(moved.tenants()).isEmpty();
        assertThat(moved.note("no model that an account serves")).contains("team a", "team b");
    }

    @Test
    void wildcardsInListsBecomePatterns() throws Exception {
        Moved moved = moved(WILDCARDS, Moved.team("openai", "\"models\": [\"openai/*\"]"),
                Moved.team("all", "\"models\": [\"*\"]"), Moved.team("both", "\"models\": [\"openai/*\", \"llama\"]"),
                Moved.team("some", "\"models\": [\"openai/gpt-4*\", \"openai/o3-mini\", \"gpt-5\", \"anthropic/*\"]"));

        GatewayConfig config = moved.config(folder);
        Tenant openai = Moved.tenant(config, "openai");
        assertThat(openai.mayUse("gpt-4o")).isTrue();
        assertThat(openai.mayUse("text-embedding-3-small")).isTrue();
        assertThat(openai.mayUse("llama-3")).isFalse();
        assertThat(Moved.tenant(config, "all").mayUseAny()).isTrue();
        assertThat(Moved.tenant(config, "both").mayUseAny()).as("what comes later is not theirs").isFalse();
        assertThat(Moved.tenant(config, "both").mayUse("llama-3")).isTrue();
        assertThat(moved.tenant("some").get("models")).isEqualTo(List.of("gpt-4*", "o3-mini", "gpt-5"));
        assertThat(moved.note("team some must ask for")).isEqualTo(": o3-mini instead of openai/o3-mini");
        assertThat(moved.note("team openai must ask for")).isEqualTo(": NAME instead of openai/NAME");
        assertThat(moved.note("models that no account serves")).isEqualTo(": team some (anthropic/*)");
    }

    @Test
    void starThatMeansOpenAiMatchesItsModels() throws Exception {
        Moved moved = moved("""
                model_list:
                  - model_name: "*"
                    litellm_params: { model: "openai/*", api_key: os.environ/OPENAI_API_KEY, rpm: 500 }
                """, Moved.team("one", "\"models\": [\"gpt-4o\"]"), Moved.team("all", "\"models\": [\"openai/*\"]"));

        assertThat(moved.tenant("one").get("models")).isEqualTo(List.of("gpt-4o"));
        assertThat(moved.tenant("all").get("models")).asString().contains("gpt-*, ", "o3*, ").doesNotContain("[*",
                " *");
        assertThat(moved.note("`models` has patterns for OpenAI's current model families")).contains("team all");
        assertThat(moved.account("openai").get("models")).as("its limit is the account's").isNull();
        assertThat(moved.account("openai").get("rpm")).isEqualTo(500);
    }

    @Test
    void limitsOfModelsAreByTheServersNames() throws Exception {
        Moved moved = moved(WILDCARDS + """
                  - model_name: fast
                    litellm_params: { model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY }
                """, Moved.team("search",
                """
                        "metadata": {"model_rpm_limit": {"openai/gpt-4.1": 50, "fast": 20, "openai/gpt-4o-mini": 30, "claude": 1},
                                     "model_tpm_limit": {"fast": 9000}}
                        """));

        assertThat(moved.tenant("search").get("model-limits"))
                .isEqualTo(Map.of("gpt-4.1", Map.of("rpm", 50), "gpt-4o-mini", Map.of("rpm", 50, "tpm", 9000)));
        assertThat(moved.note("limits of several names for one model are added up"))
                .contains("team search (model_rpm_limit of fast and openai/gpt-4o-mini: gpt-4o-mini)");
        assertThat(moved.note("limits of models that no account serves")).contains("model_rpm_limit of claude");
    }

    @Test
    void limitOfANameWithSeveralModelsIsDividedAmongThem() throws Exception {
        Moved moved = moved(
                """
                        model_list:
                          - { model_name: gpt-4o, litellm_params: { model: openai/gpt-4o, api_key: os.environ/O, rpm: 9 } }
                          - model_name: gpt-4o
                            litellm_params: { model: azure/prod, api_base: "https://eu.openai.azure.com", api_key: os.environ/A }
                        """,
                Moved.team("search", "\"metadata\": {\"model_rpm_limit\": {\"gpt-4o\": 3}}"));

        assertThat(moved.tenant("search").get("model-limits"))
                .isEqualTo(Map.of("gpt-4o", Map.of("rpm", 2), "prod", Map.of("rpm", 1)));
        assertThat(moved.note("a limit of one name is divided")).contains("team search (model_rpm_limit of gpt-4o)");
    }
}
