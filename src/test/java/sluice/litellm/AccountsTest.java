package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.openai.ModelGlob;
import sluice.price.Prices;

class AccountsTest {
    @TempDir
    private Path folder = Path.of("");

    private static final String AZURE = """
              - model_name: azure-gpt-4o
                litellm_params:
                  model: azure/gpt4o-prod
                  api_base: https://weu.openai.azure.com/
                  api_key: os.environ/AZURE_API_KEY
                  rpm: 900
                  tpm: 150000
                model_info: { base_model: azure/gpt-4o-2024-11-20 }
            """;
    private static final String LLAMA = """
              - model_name: llama
                litellm_params:
                  model: hosted_vllm/meta-llama/Llama-3.3-70B-Instruct
                  api_base: http://vllm.internal:8000/v1
                  api_key: none
                  rpm: 600
            """;
    private static final String ANY = """
              - model_name: "openai/*"
                litellm_params: { model: "openai/*", api_key: os.environ/OPENAI_API_KEY, rpm: 500 }
            """;

    private static boolean serves(Map<?, ?> account, String model) {
        return account.get("serves") instanceof List<?> served && served.stream().anyMatch(
                each -> new ModelGlob(String.valueOf(each)).matches(model));
    }

    @Test
    void accountsWithDifferentModelsSayWhatTheyServe() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o", "gpt-4o-mini").file() + AZURE + LLAMA);

        assertThat(moved.account("openai").get("serves")).isEqualTo(List.of("gpt-4o", "gpt-4o-mini"));
        assertThat(moved.account("weu.openai.azure.com").get("serves")).isEqualTo(List.of("gpt4o-prod"));
        assertThat(moved.account("vllm.internal").get("serves"))
                .isEqualTo(List.of("meta-llama/Llama-3.3-70B-Instruct"));
        assertThat(moved.config(folder).accounts()).hasSize(3);
    }

    @Test
    void limitsAreFoundWhereverLiteLlmLooksForThem() throws Exception {
        Map<?, ?> account = new Moved("""
                model_list:
                  - model_name: a
                    litellm_params: { model: openai/a, api_key: os.environ/K, rpm: 1, tpm: 10 }
                    model_info: { rpm: 999, tpm: 999 }
                  - model_name: b
                    litellm_params: { model: openai/b, api_key: os.environ/K, rpm: 999 }
                    rpm: 2
                    tpm: 20
                  - model_name: c
                    litellm_params: { model: openai/c, api_key: os.environ/K }
                    model_info: { rpm: 4, tpm: 40 }
                """).account("openai");

        assertThat(account.get("models"))
                .hasToString("{a={rpm=1, tpm=10}, b={rpm=2, tpm=20}, c={rpm=4, tpm=40}}");
        assertThat(account.get("rpm")).isEqualTo(7);
        assertThat(account.get("tpm")).isEqualTo(70);
    }

    @Test
    void limitInAVariableIsToDo() throws Exception {
        Moved moved = new Moved("""
                model_list:
                  - model_name: a
                    litellm_params: { model: openai/a, api_key: os.environ/K, rpm: "5", tpm: os.environ/TPM }
                """);

        assertThat(moved.account("openai").get("rpm")).isEqualTo(5);
        assertThat(moved.note("set these by hand")).contains("a (tpm os.environ/TPM)");
    }

    @Test
    void accountsServeNothingButTheirModelsEvenIfAllHaveTheSame() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o").file() + """
                  - model_name: gpt-4o
                    litellm_params: { model: openai/gpt-4o, api_key: os.environ/SECOND_KEY, rpm: 50 }
                """);

        assertThat(moved.account("openai").get("serves")).isEqualTo(List.of("gpt-4o"));
        assertThat(moved.account("openai-2").get("serves")).isEqualTo(List.of("gpt-4o"));
        assertThat(Moved.serving("gpt-4o").account("openai").get("serves")).isEqualTo(List.of("gpt-4o"));
    }

    @Test
    void aliasIsNotServedAsTheModelOfThatName() throws Exception {
        String alias = "router_settings: { model_group_alias: { gpt-4: gpt-4o, cheap: gpt-4o } }\n";
        Map<?, ?> alone = new Moved("model_list:\n" + ANY + alias).account("openai");
        Map<?, ?> named = new Moved("model_list:\n" + ANY + """
                  - model_name: gpt-5
                    litellm_params: { model: openai/gpt-5-mini, api_key: os.environ/OPENAI_API_KEY, rpm: 5 }
                """ + LLAMA + alias).account("openai");

        assertThat(serves(alone, "gpt-4")).isFalse();
        assertThat(serves(alone, "gpt-4o")).isTrue();
        assertThat(serves(alone, "gpt-4-turbo")).isTrue();
        assertThat(serves(named, "gpt-4")).isFalse();
        assertThat(serves(named, "gpt-5")).as("means another model there").isFalse();
        assertThat(serves(named, "gpt-5-mini")).isTrue();
    }

    @Test
    void wildcardAloneServesEverything() throws Exception {
        assertThat(new Moved("model_list:\n" + ANY).account("openai").get("serves")).isNull();
    }

    @Test
    void wildcardServesWhatOpenAiHasAndNothingElse() throws Exception {
        Moved moved = new Moved("model_list:\n" + ANY + AZURE + LLAMA);
        Map<?, ?> openAi = moved.account("openai");

        assertThat(Prices.listed().models()).allMatch(model -> serves(openAi, model));
        assertThat(serves(openAi, "gpt-7-of-next-year")).isTrue();
        assertThat(serves(openAi, "gpt4o-prod")).isFalse();
        assertThat(serves(openAi, "meta-llama/Llama-3.3-70B-Instruct")).isFalse();
        assertThat(moved.note("these accounts serve whatever fits")).contains("openai");
    }

    @Test
    void wildcardDoesNotServeWhatLiteLlmSendsElsewhere() throws Exception {
        Moved moved = new Moved("model_list:\n" + ANY
                + """
                          - model_name: gpt-4o
                            litellm_params: { model: azure/gpt-4o, api_base: "https://weu.openai.azure.com", api_key: os.environ/A }
                          - model_name: azure-five
                            litellm_params: { model: azure/gpt-5-ours, api_base: "https://weu.openai.azure.com", api_key: os.environ/A }
                        """);
        Map<?, ?> openAi = moved.account("openai");

        assertThat(serves(openAi, "gpt-4o")).as("LiteLLM prefers the deployment of that name").isFalse();
        assertThat(serves(openAi, "gpt-5-ours")).as("OpenAI lacks it").isFalse();
        assertThat(serves(openAi, "gpt-4o-mini")).isTrue();
        assertThat(serves(openAi, "gpt-4o-2024-11-20")).isTrue();
        assertThat(serves(openAi, "gpt-5-2031-01-01")).isTrue();
        assertThat(serves(openAi, "gpt-5-mini-2031-01-01")).isTrue();
        assertThat(serves(openAi, "gpt-5.99")).isTrue();
        assertThat(serves(openAi, "o3-mini")).isTrue();
        assertThat(moved.note("these accounts serve whatever fits")).contains("openai (gpt-4o, gpt-5-ours)");
    }

    @Test
    void modelsBehindAnotherWildcardAreForTheOperatorToList() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o").file()
                + """
                          - model_name: "own/*"
                            litellm_params: { model: "hosted_vllm/*", api_base: "http://vllm.internal/v1", api_key: os.environ/V }
                          - model_name: "prod/*"
                            litellm_params: { model: "azure/prod-*", api_base: "https://weu.openai.azure.com", api_key: os.environ/A }
                        """);

        assertThat(moved.account("vllm.internal").get("serves")).isEqualTo(List.of("LIST-ITS-MODELS-HERE"));
        assertThat(moved.note("LiteLLM passes any model on to these accounts")).contains("vllm.internal")
                .doesNotContain("azure");
        assertThat(moved.account("weu.openai.azure.com").get("serves")).isEqualTo(List.of("prod-*"));
    }

    @Test
    void quotaIsTheSumOfWhatIsKnown() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o", "gpt-4o-mini").file() + """
                  - model_name: o3-mini
                    litellm_params: { model: openai/o3-mini, api_key: os.environ/OPENAI_API_KEY }
                  - model_name: alone
                    litellm_params: { model: openai/o1, api_key: os.environ/OTHER }
                """);

        assertThat(moved.account("openai").get("rpm")).isEqualTo(200);
        assertThat(moved.account("openai").get("tpm")).as("unknown for one, so not limited").isNull();
        assertThat(moved.note("set rpm to what the provider grants")).contains("openai (o3-mini)");
        assertThat(moved.account("openai-2").get("tier")).isEqualTo("free");
        assertThat(moved.note("set rpm and tpm to what the provider grants")).contains("openai-2");
    }

    @Test
    void modelsKeepTheSlashesInTheirNames() throws Exception {
        Moved moved = new Moved("model_list:\n" + LLAMA + """
                    model_info: { input_cost_per_token: 0.0000002, output_cost_per_token: 6.0e-07 }
                  - model_name: qwen
                    litellm_params:
                      model: Qwen/Qwen3-32B
                      custom_llm_provider: hosted_vllm
                      api_base: http://vllm.internal:8000/v1
                      api_key: none
                      rpm: 60
                """).teams("[" + Moved.team("search", """
                "models": ["llama", "Qwen/Qwen3-32B"], "metadata": {"model_rpm_limit": {"llama": 30}}
                """) + "]");

        assertThat(moved.account("vllm.internal").get("models")).asString()
                .contains("meta-llama/Llama-3.3-70B-Instruct={rpm=600}", "Qwen/Qwen3-32B={rpm=60}");
        assertThat(moved.at("prices").toString())
                .isEqualTo("{meta-llama/Llama-3.3-70B-Instruct={input=0.2, output=0.6}}");
        assertThat(moved.tenant("search").get("models"))
                .isEqualTo(List.of("meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3-32B"));
        assertThat(moved.tenant("search").get("model-limits"))
                .hasToString("{meta-llama/Llama-3.3-70B-Instruct={rpm=30}}");
        assertThat(Moved.tenant(moved.config(folder), "search").mayUse("meta-llama/Llama-3.3-70B-Instruct")).isTrue();
    }

    @Test
    void deploymentIsPricedAsItsBaseModel() throws Exception {
        Moved moved = new Moved("model_list:\n" + AZURE);

        assertThat(moved.at("prices").toString()).contains("gpt4o-prod={", "input=2.5", "output=10");
        assertThat(moved.note("compare these prices")).contains("gpt4o-prod (gpt-4o-2024-11-20)");
        assertThat(moved.config(folder).prices()).hasSize(1);
    }

    @Test
    void pricesAreNoFinerThanOurs() throws Exception {
        Moved moved = new Moved("model_list:\n" + LLAMA + """
                    model_info: { input_cost_per_token: 1.23456789e-7 }
                """);

        assertThat(moved.config(folder).prices()).singleElement().asString().contains("0.123457");
    }

    @Test
    void keyInPlainTextIsOneAccountHoweverOftenItStands() throws Exception {
        Moved moved = new Moved(
                """
                        model_list:
                          - { model_name: a, litellm_params: { model: openai/gpt-4o, api_key: sk-plain, api_base: "https://api.openai.com/v1" } }
                          - { model_name: b, litellm_params: { model: openai/o1, api_key: sk-plain } }
                          - { model_name: c, litellm_params: { model: openai/c, api_key: sk-plain, api_base: "http://other/v1" } }
                        """);

        assertThat(moved.converted().accounts()).isEqualTo(2);
        assertThat(moved.account("openai").get("keys")).isEqualTo(List.of("${OPENAI_API_KEY}"));
        assertThat(moved.account("other").get("keys")).isEqualTo(List.of("${OPENAI_API_KEY_2}"));
        assertThat(moved.converted().yaml()).doesNotContain("sk-plain");
    }

    @Test
    void secretInPlainTextNeverTakesTheNameOfAnother() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o").file() + """
                  - { model_name: a, litellm_params: { model: openai/gpt-4o, api_key: sk-plain, rpm: 5 } }
                """);

        assertThat(moved.account("openai").get("keys")).isEqualTo(List.of("${OPENAI_API_KEY}"));
        assertThat(moved.account("openai-2").get("keys")).isEqualTo(List.of("${OPENAI_API_KEY_2}"));
    }

    @Test
    void deploymentWithoutKeyTakesTheProvidersVariable() throws Exception {
        Moved moved = new Moved("""
                model_list:
                  - { model_name: gpt-4o, litellm_params: { model: gpt-4o, rpm: 5 } }
                  - { model_name: o1, litellm_params: { model: openai/o1, api_key: os.environ/OPENAI_API_KEY, rpm: 5 } }
                  - { model_name: az, litellm_params: { model: azure/az, rpm: 5 } }
                """);

        assertThat(moved.converted().accounts()).isEqualTo(2);
        assertThat(moved.account("azure").get("keys")).isEqualTo(List.of("${AZURE_API_KEY}"));
        assertThat(moved.account("azure").get("base-url")).isEqualTo("${AZURE_API_BASE}/openai/v1");
        assertThat(moved.note("set AZURE_API_KEY")).contains("az");
        assertThat(moved.note("set OPENAI_API_KEY")).as("the file names it").isEmpty();
    }

    @Test
    void credentialsAreFoundByTheirName() throws Exception {
        Moved moved = new Moved("""
                model_list:
                  - { model_name: a, litellm_params: { model: openai/gpt-4o, litellm_credential_name: main, rpm: 5 } }
                credential_list:
                  - { credential_name: main, credential_values: { api_key: os.environ/MAIN, organization: org-1 } }
                """);

        assertThat(moved.account("openai").get("keys")).isEqualTo(List.of("${MAIN}"));
        assertThat(moved.account("openai").get("organization")).isEqualTo("org-1");
    }

    @Test
    void modelOfAnotherProviderIsNotTakenForOneOfOpenAis() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o").file() + """
                  - { model_name: c, litellm_params: { model: claude-sonnet-4-5, api_key: os.environ/K } }
                  - { model_name: g, litellm_params: { model: gemini/gemini-3, api_key: os.environ/G } }
                """);

        assertThat(moved.converted().accounts()).isEqualTo(1);
        assertThat(moved.note("the provider has no OpenAI-compatible API")).contains("c (claude-sonnet-4-5)",
                "g (gemini/gemini-3)");
    }

    @Test
    void keyOfTwoOrganizationsIsListedOnce() throws Exception {
        Moved moved = new Moved(
                """
                        model_list:
                          - { model_name: a, litellm_params: { model: openai/a, api_key: os.environ/K, organization: org-1, rpm: 5 } }
                          - { model_name: b, litellm_params: { model: openai/b, api_key: os.environ/K, rpm: 5 } }
                          - { model_name: c, litellm_params: { model: openai/c, api_key: os.environ/K, rpm: 5 } }
                        """);

        assertThat(moved.account("openai").get("keys")).isEqualTo(List.of("${K}"));
        assertThat(moved.account("openai-2").get("keys")).isEqualTo(List.of("${K_2}"));
        assertThat(moved.note("LiteLLM uses one key at several servers or organizations"))
                .contains("b (K_2 instead of K), c (K_2 instead of K)");
    }

    @Test
    void limitsAndPricesThatAreNoneAreTold() throws Exception {
        Moved moved = new Moved(
                """
                        model_list:
                          - model_name: a
                            litellm_params: { model: openai/a, api_key: os.environ/K, rpm: -5, tpm: 9.5, input_cost_per_token: abc }
                            foo: bar
                        """);

        assertThat(moved.account("openai").get("tpm")).isEqualTo(9);
        assertThat(moved.note("a deployment cannot have a limit of 0 or less")).contains("a (rpm -5)");
        assertThat(moved.note("set these by hand")).contains("a (input_cost_per_token abc)");
        assertThat(moved.note("no counterpart")).isEqualTo(": a (foo)");
    }
}
