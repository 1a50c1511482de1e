package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.account.AccountEntry;
import sluice.cache.AnswerCache;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Tenant;
import sluice.testing.CommandRun;

class ImportTest {
    @TempDir
    private Path folder = Path.of("");

    private final CommandRun run = new CommandRun(new Import());

    private int imported(String yaml) throws IOException {
        return run.with("litellm", Files.writeString(folder.resolve("config.yaml"), yaml).toString());
    }

    private GatewayConfig result() throws IOException, InvalidConfig {
        return ConfigReader.readOffline(Files.writeString(folder.resolve("sluice.yaml"), run.out()));
    }

    @Test
    void everythingThatHasACounterpartIsConverted() throws Exception {
        assertThat(imported("""
                model_list:
                  - model_name: gpt-4o
                    litellm_params: { model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, rpm: 500, tpm: 30000 }
                    model_info: { input_cost_per_token: 0.0000025, output_cost_per_token: 0.00001 }
                  - model_name: gpt-4o-mini
                    litellm_params: { model: gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY, rpm: 1000, tpm: 200000 }
                  - model_name: chat-eu
                    litellm_params:
                      model: azure/gpt-4o
                      api_base: https://eu.openai.azure.com/
                      api_key: os.environ/AZURE_KEY
                  - model_name: claude
                    litellm_params: { model: anthropic/claude-4, api_key: os.environ/ANTHROPIC_KEY }
                litellm_settings:
                  cache: true
                  cache_params: { ttl: 600 }
                  num_retries: 2
                  request_timeout: 120
                  fallbacks: [{ gpt-4o: [gpt-4o-mini] }]
                router_settings: { redis_host: redis.internal, redis_password: os.environ/REDIS_PASSWORD }
                general_settings: { master_key: sk-1234-in-plain-text, database_url: "postgresql://…" }
                """)).isZero();

        GatewayConfig config = result();
        assertThat(config.accounts()).extracting(entry -> entry.account().name()).containsExactly("openai",
                "eu.openai.azure.com");
        AccountEntry azure = config.accounts().get(1);
        assertThat(azure.account().toString()).contains("https://eu.openai.azure.com/openai/v1");
        assertThat(config.cache().policies().usual().mode()).isEqualTo(AnswerCache.Mode.IDENTICAL);
        assertThat(config.retries().attempts()).isEqualTo(3);
        assertThat(config.upstream().timeouts().firstByte()).hasSeconds(120);
        assertThat(config.redis()).isPresent();
        assertThat(config.prices()).singleElement().asString().contains("gpt-4o", "2.5", "10");
        assertThat(run.out()).contains("rpm: 1500", "tpm: 230000", "key-header: api-key", "${AZURE_KEY}",
                "token: '${SLUICE_ADMIN_TOKEN}'", "first-byte: 120s", "output: 10\n")
                .doesNotContain("sk-1234", "anthropic");
        assertThat(run.err()).startsWith("2 accounts, 0 tenants with 0 keys")
                .contains("claude (anthropic/claude-4)", "gpt-4o instead of chat-eu", "fallbacks",
                        "general_settings.master_key (SLUICE_ADMIN_TOKEN)", "GET /team/list")
                .doesNotContain("sk-1234");
    }

    @Test
    void keyInPlainTextBecomesAVariable() throws Exception {
        assertThat(imported("""
                model_list:
                  - { model_name: one, litellm_params: { model: openai/one, api_key: sk-secret-one } }
                  - { model_name: two, litellm_params: { model: openai/two, api_key: sk-secret-two } }
                """)).isZero();

        assertThat(result().accounts()).hasSize(2);
        assertThat(result().cache().policies().usual().mode()).isEqualTo(AnswerCache.Mode.OFF);
        assertThat(run.out()).contains("${OPENAI_API_KEY}", "${OPENAI_API_KEY_2}");
        assertThat(run.err()).contains("one (OPENAI_API_KEY), two (OPENAI_API_KEY_2)", "rpm and tpm");
        assertThat(run.out() + run.err())
                .doesNotContain("sk-secret");
    }

    private static String resource(String name) {
        return Path.of("src/test/resources/sluice/cli", name).toString();
    }

    private static Tenant tenant(GatewayConfig config, String name) {
        return config.tenants().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void teamsBecomeTenantsThatKeepTheirLimitsAndTheirKeys() throws Exception {
        assertThat(run.with("litellm", resource("config.yaml"), "--teams", resource("teams.json"))).isZero();

        GatewayConfig config = result();
        assertThat(config.tenants()).extracting(Tenant::name).containsExactly("search", "support-bot", "checkout",
                "fraud", "data-science", "marketing", "mobile-ios", "mobile-android", "hr", "platform");
        Tenant search = tenant(config, "search");
        assertThat(search.keys()).extracting(key -> key.digest()).containsExactly(KeyDigest.of("sk-of-the-search-team"),
                KeyDigest.of("sk-of-the-search-batch-team"));
        assertThat(search.limits().toString()).contains("300", "400000", "900");
        assertThat(search.mayUse("gpt-4o")).isTrue();
        assertThat(search.mayUse("gpt-4o-mini")).isFalse();
        assertThat(tenant(config, "checkout").mayUse("gpt-4o-mini")).as("called fast there").isTrue();
        assertThat(tenant(config, "checkout").keys().getFirst().notAfter())
                .hasValue(Instant.parse("2027-06-30T00:00:00Z"));
        assertThat(tenant(config, "marketing").mayUse("claude")).isFalse();
        assertThat(tenant(config, "platform").limits().overall()).as("none given, so none").isEmpty();
        assertThat(tenant(config, "fraud").limits().byModel()).hasSize(1);
        assertThat(run.out()).contains("serves:");
        assertThat(search.accounts()).as("all that serve its models").hasSize(4);
        assertThat(tenant(config, "checkout").accounts()).as("where fast is").containsExactly("openai-2");
        assertThat(run.out()).contains("${HOSTED_VLLM_API_KEY}").doesNotContain("none-needed-inside");
        assertThat(run.err()).startsWith("4 accounts, 10 tenants with 11 keys");
    }

    @Test
    void whatTeamsLoseIsSaid() {
        run.with("litellm", resource("config.yaml"), "--teams", resource("teams.json"));

        assertThat(run.err().lines())
                .anyMatch(line -> line.equals("- no model that an account serves: team Legal (claude)"))
                .anyMatch(line -> line.equals("- blocked: team Sandbox"))
                .anyMatch(line -> line.contains("team Marketing (claude)"))
                .anyMatch(line -> line.contains("team HR (50 dollars, never resets)"))
                .anyMatch(line -> line.contains("team Data Science (150 dollars per 7d)"))
                .anyMatch(line -> line.contains("key search-batch-batch of team Search (rpm_limit 20)"))
                .anyMatch(line -> line.equals("- team Checkout must ask for: gpt-4o-mini instead of fast"))
                .noneMatch(line -> line.contains("GET /team/list"));
        assertThat(run.err().lines()).as("an operator reads all of it").hasSizeLessThan(35);
    }

    @Test
    void keysWithoutTeamBecomeTenants() throws Exception {
        String keys = Files.writeString(folder.resolve("keys.json"), """
                {"keys": [{"token": "%s", "key_alias": "Ann's laptop", "team_id": null, "rpm_limit": 7},
                          {"token": "%s", "key_alias": "later", "team_id": "00000001-0000-4000-8000-000000000000"}]}
                """.formatted(KeyDigest.of("sk-of-ann").hex(), KeyDigest.of("sk-of-a-team").hex())).toString();

        assertThat(run.with("litellm", resource("config.yaml"), "--teams", resource("teams.json"), "--keys", keys))
                .isZero();

        assertThat(result().tenants()).extracting(Tenant::name).endsWith("platform", "ann-s-laptop");
        assertThat(tenant(result(), "ann-s-laptop").limits().toString()).contains("7");
        assertThat(tenant(result(), "search").keys()).as("the list of teams lacks it").hasSize(3);
    }

    @Test
    void answerThatIsNoListIsRefusedInOneLine() throws Exception {
        String error = Files.writeString(folder.resolve("teams.json"), "{\"error\": {\"message\": \"no\"}}").toString();

        assertThat(run.with("litellm", resource("config.yaml"), "--teams", error)).isEqualTo(2);
        assertThat(run.err().lines()).singleElement().asString().contains("teams.json holds an error: no", "curl -fsS");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void shadowAndPagesAreOptions() throws Exception {
        String page = "{\"keys\": [{\"token\": \"%s\", \"key_alias\": \"%s\"}], \"current_page\": %d, \"total_pages\": 2}";
        String one = Files.writeString(folder.resolve("1.json"), page.formatted(KeyDigest.of("sk-1").hex(), "one", 1))
                .toString();
        String two = Files.writeString(folder.resolve("2.json"), page.formatted(KeyDigest.of("sk-2").hex(), "two", 2))
                .toString();

        assertThat(run.with("litellm", resource("config.yaml"), "--keys", one, "--keys", two, "--shadow")).isZero();
        assertThat(result().tenants()).hasSize(2).allMatch(Tenant::shadow);
    }

    @Test
    void trialNeedsTheStandInsAddressWithItsPort() throws Exception {
        for (String url : new String[]{"8081", "127.0.0.1", "http://127.0.0.1/v1"}) {
            assertThat(run.with("litellm", resource("config.yaml"), "--trial", url)).isEqualTo(2);
            assertThat(run.err().lines()).last().asString().contains("--trial " + url,
                    "such as http://127.0.0.1:8081/v1");
        }
        assertThat(run.with("litellm", resource("config.yaml"), "--trial", "http://127.0.0.1:7081/v1", "--port", "7080",
                "--admin-port", "7090")).isZero();
        assertThat(run.out()).contains("port: 7080", "port: 7090");
        assertThat(run.with("litellm", resource("config.yaml"), "--port", "7080")).isEqualTo(2);
        assertThat(run.err().lines()).last().asString().contains("give --trial too");
    }

    @Test
    void fileWithNothingToConvertIsRefused() throws Exception {
        assertThat(imported("model_list: [{ model_name: c, litellm_params: { model: bedrock/c } }]")).isEqualTo(2);
        assertThat(run.err()).contains("no model that an OpenAI-compatible server serves", "bedrock/c");
        assertThat(imported("model_list: [{ model_name: c, model: openai/c }]")).isEqualTo(2);
        assertThat(run.err()).contains("entries of model_list without litellm_params.model: c");
        assertThat(imported("a: [")).isEqualTo(2);
        assertThat(run.with("litellm", "missing.yaml")).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void fileOfAnotherKindIsRefusedByWhatItHolds() throws Exception {
        assertThat(imported("")).isEqualTo(2);
        assertThat(run.err()).contains("config.yaml: holds nothing");
        assertThat(imported("services: {}\nfoo: bar\n")).isEqualTo(2);
        assertThat(run.err()).contains("is no config.yaml of a LiteLLM proxy", "services, foo");
        assertThat(imported("model_list:\ngeneral_settings: { store_model_in_db: true }\n")).isEqualTo(2);
        assertThat(run.err()).contains("model_list has no models", "GET /model/info");
        assertThat(imported("model_list:\n")).isEqualTo(2);
        assertThat(run.err()).contains("model_list has no models");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void includedFilesAreRead() throws Exception {
        Files.writeString(folder.resolve("more.yaml"), """
                model_list:
                  - { model_name: o1, litellm_params: { model: openai/o1, api_key: os.environ/K, rpm: 5 } }
                litellm_settings: { cache: true }
                """);
        Files.writeString(folder.resolve("empty.yaml"), "model_list:\n");
        String including = """
                include: [%s]
                model_list:
                  - { model_name: o3, litellm_params: { model: openai/o3, api_key: os.environ/K, rpm: 5 } }
                """;

        assertThat(imported(including.formatted("more.yaml, empty.yaml"))).isZero();
        assertThat(run.out()).contains("rpm: 10", "mode: identical");
        assertThat(imported(including.formatted("missing.yaml"))).isEqualTo(2);
        assertThat(run.err()).contains("missing.yaml cannot be read");
    }
}
