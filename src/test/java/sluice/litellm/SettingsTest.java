package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.config.GatewayConfig;

class SettingsTest {
    @TempDir
    private Path folder = Path.of("");

    private static Moved with(String sections) {
        return new Moved(Moved.serving("gpt-4o").file() + sections);
    }

    @Test
    void cacheInRedisIsTheSecondTier() throws Exception {
        Moved moved = with(
                """
                        litellm_settings:
                          cache: true
                          cache_params: { type: redis, host: cache.internal, port: 6380, password: os.environ/CACHE_PW, ttl: 600 }
                        router_settings: { redis_host: redis.internal, redis_password: os.environ/REDIS_PW }
                        """);

        GatewayConfig config = moved.config(folder);
        assertThat(config.secondTier().redis()).isPresent();
        assertThat(config.redis()).isPresent();
        assertThat(moved.at("cache").toString()).contains("redis://cache.internal:6380", "${CACHE_PW}",
                "${SLUICE_CACHE_KEY}", "ttl=600s");
        assertThat(moved.at("redis").toString()).contains("redis://redis.internal:6379", "${REDIS_PW}");
        assertThat(moved.note("put a key that encrypts cached responses into SLUICE_CACHE_KEY"))
                .contains("openssl rand -base64 32");
        assertThat(moved.note("with `redis`, usage reports and budgets need")).contains("ledger.url");
    }

    @Test
    void limitsAreSharedThroughTheCachesRedisIfTheRouterHasNone() throws Exception {
        Moved moved = with("""
                litellm_settings: { cache: true, cache_params: { type: redis, host: os.environ/RH } }
                """);

        assertThat(moved.at("redis").toString()).contains("redis://${RH}:6379");
        assertThat(moved.config(folder).tenants()).as("the reader takes a host in a variable").isEmpty();
    }

    @Test
    void cacheThatIsOffSharesNothing() throws Exception {
        Moved moved = with("litellm_settings: { cache_params: { type: redis, host: cache.internal } }\n");

        assertThat(moved.at("cache")).hasToString("{mode=off}");
        assertThat(moved.at("redis")).isEqualTo("");
    }

    @Test
    void otherCachesAreInMemory() throws Exception {
        Moved moved = with("""
                litellm_settings: { cache: true, cache_params: { type: redis-semantic, similarity_threshold: 0.8 } }
                """);

        assertThat(moved.at("cache")).hasToString("{mode=identical}");
        assertThat(moved.note("the cache is in memory")).contains("type redis-semantic");
    }

    @Test
    void cacheThatCallsMustAskForIsOff() throws Exception {
        Moved moved = with("""
                litellm_settings: { cache: true, cache_params: { type: local, mode: default_off, ttl: 60 } }
                """);

        assertThat(moved.at("cache")).hasToString("{mode=off, ttl=60s}");
        assertThat(moved.note("the cache is off, since")).contains("`cache: identical`", "mode default_off");
    }

    @Test
    void cacheOfNoKindOfCallIsOff() throws Exception {
        assertThat(with("""
                litellm_settings: { cache: true, cache_params: { type: redis, host: r, supported_call_types: [] } }
                """).at("cache")).hasToString("{mode=off}");
        assertThat(with("""
                litellm_settings: { cache: true, cache_params: { type: local, supported_call_types: [aembedding] } }
                """).note("the cache answers every kind of call")).contains("supported_call_types");
    }

    @Test
    void answersAreKeptAsLongAsBeforeWhateverTheirModelIsCalled() throws Exception {
        GatewayConfig config = with("litellm_settings: { cache: true, cache_params: { type: local, ttl: 3600 } }\n")
                .config(folder);

        for (String model : List.of("gpt-4o", "gpt-4o-2024-11-20", "prod")) {
            assertThat(config.cache().policies().of(model).ttl(model, Optional.empty())).hasHours(1);
        }
    }

    @Test
    void numbersInVariablesAreToDo() throws Exception {
        Moved moved = with("""
                litellm_settings: { cache: true, cache_params: { type: local, ttl: os.environ/TTL }, num_retries: 2 }
                router_settings: { timeout: os.environ/SECONDS }
                """);

        assertThat(moved.note("set these by hand")).contains("cache_params (ttl os.environ/TTL)",
                "router_settings (timeout os.environ/SECONDS)").doesNotContain("num_retries");
        assertThat(moved.config(folder).retries().attempts()).isEqualTo(3);
    }

    @Test
    void restrictionsThatAreLostAreToDo() throws Exception {
        Moved moved = new Moved("""
                model_list:
                  - model_name: gpt-4o
                    litellm_params: { model: openai/gpt-4o, api_key: os.environ/K, tags: [eu] }
                router_settings: { enable_tag_filtering: true, provider_budget_config: { openai: { budget_limit: 5 } } }
                general_settings:
                  allowed_ips: [10.0.0.0/8]
                  allowed_routes: [/chat/completions]
                  max_request_size_mb: 20
                  enforce_user_param: true
                  pass_through_endpoints: [{ path: /rerank }]
                litellm_settings: { max_end_user_budget: 0.5, upperbound_key_generate_params: { max_budget: 5 } }
                """);

        assertThat(moved.converted().notes()).containsSubsequence("To do before it starts:",
                "- deployments are not chosen by tags; a tenant's `accounts` say where its calls may go: gpt-4o (tags),"
                        + " router_settings (enable_tag_filtering)",
                "- `from` of a tenant or a plan says which networks it must call from: general_settings (allowed_ips)",
                "- `endpoints` of a tenant or a plan say which classes of routes it may call: general_settings"
                        + " (allowed_routes)",
                "Not carried over:");
        assertThat(moved.note("no counterpart")).isEmpty();
    }

    @Test
    void whatEachDeploymentAddsIsOneLineByWhatThereIsInstead() throws Exception {
        Moved moved = with(
                """
                          - model_name: o1
                            litellm_params: { model: openai/o1, temperature: 0.2, max_tokens: 5, timeout: 900, weight: 2, api_version: x }
                          - model_name: o3
                            litellm_params: { model: openai/o3, top_p: 1, stream_timeout: 60, extra_headers: { a: b } }
                        """);

        assertThat(moved.note("requests pass unchanged, without what LiteLLM adds"))
                .contains("o1 (temperature 0.2, max_tokens 5), o3 (top_p 1, extra_headers)");
        assertThat(moved.note("one upstream.timeouts.first-byte")).contains("o1 (timeout 900), o3 (stream_timeout 60)");
        assertThat(moved.note("a call goes to the account expected to answer soonest")).contains("o1 (weight 2)");
        assertThat(moved.converted().notes()).noneMatch(line -> line.contains("api_version"));
    }

    @Test
    void loginsThroughEntraAreToDoAndTheirSecretsNeverShown() throws Exception {
        Moved moved = with(
                """
                          - model_name: az
                            litellm_params: { model: azure/az, api_base: "https://a.openai.azure.com", tenant_id: t, client_secret: 4711 }
                        """);

        assertThat(moved.note("an account has an API key")).contains("az (tenant_id, client_secret)");
        assertThat(moved.converted().yaml() + moved.converted().notes()).doesNotContain("4711");
    }

    @Test
    void settingsWithoutCounterpartAreFewLines() throws Exception {
        Moved moved = with(
                """
                        litellm_settings: { json_logs: true, callbacks: [prometheus], success_callback: [langfuse], set_verbose: false }
                        general_settings: { alerting: [slack], database_connection_pool_limit: 10, store_model_in_db: true }
                        router_settings: { allowed_fails: 3, cooldown_time: 30, enable_pre_call_checks: true }
                        guardrails: [{ guardrail_name: pii }]
                        environment_variables: { OPENAI_API_KEY: sk-in-plain-text, UNUSED: x }
                        """);

        assertThat(moved.note("no counterpart")).isEqualTo(": router_settings"
                + " (enable_pre_call_checks), general_settings (database_connection_pool_limit)");
        assertThat(moved.note("use traces.otlp-endpoint")).contains("litellm_settings (callbacks, success_callback)");
        assertThat(moved.note("upstream.breaker decides")).contains("router_settings (allowed_fails, cooldown_time)");
        assertThat(moved.note("Sluice does not read prompts")).contains("guardrails");
        assertThat(moved.note("general_settings.store_model_in_db")).contains("GET /model/info");
        assertThat(moved.note("set these yourself; LiteLLM's file sets them in environment_variables"))
                .contains("OPENAI_API_KEY")
                .doesNotContain("UNUSED");
        assertThat(moved.converted().yaml() + moved.converted().notes()).doesNotContain("sk-in-plain-text");
    }

    @Test
    void masterKeyThatMayBeTooShortIsTold() throws Exception {
        assertThat(with("general_settings: { master_key: sk-1234 }\n").note("admin.token must have at least 16"))
                .contains("${SLUICE_ADMIN_TOKEN}");
    }

    @Test
    void deploymentsOfOneGroupWithDifferentNamesAreTold() throws Exception {
        Moved moved = with(
                """
                          - model_name: gpt-4o
                            litellm_params: { model: azure/gpt4o-eu, api_base: "https://eu.openai.azure.com", api_key: os.environ/A }
                        """)
                .teams("[" + Moved.team("search", "\"models\": [\"gpt-4o\"]") + "]");

        assertThat(moved.note("deployments of one model_name have different names"))
                .contains("gpt-4o (gpt-4o, gpt4o-eu)");
        assertThat(moved.tenant("search").get("models")).hasToString("[gpt-4o, gpt4o-eu]");
    }

    @Test
    void loginInTheUrlOfRedisIsTakenOutOfIt() throws Exception {
        Moved moved = with("router_settings: { redis_url: \"redis://app:hunter%402@redis:6379/1\" }\n");

        assertThat(moved.at("redis")).hasToString("{url=redis://redis:6379/1, user=app, password=${REDIS_PASSWORD}}");
        assertThat(moved.note("put each secret that is in plain text")).contains("redis_url (REDIS_PASSWORD)");
        assertThat(moved.config(folder).redis()).isPresent();
        assertThat(moved.converted().yaml() + moved.converted().notes()).doesNotContain("hunter");
    }

    @Test
    void passwordAloneInTheUrlOfRedisHasNoUser() throws Exception {
        Moved moved = with("""
                litellm_settings: { cache: true, cache_params: { type: redis, url: "rediss://:hunter2@cache:6380" } }
                """);

        assertThat(moved.at("cache").toString()).contains("url=rediss://cache:6380, password=${CACHE_REDIS_PASSWORD}");
        assertThat(moved.at("redis").toString()).contains("url=rediss://cache:6380, password=").doesNotContain("user");
        assertThat(moved.converted().yaml() + moved.converted().notes()).doesNotContain("hunter");
    }

    @Test
    void urlOfRedisInAVariableMayHoldALogin() throws Exception {
        Moved moved = with("router_settings: { redis_url: os.environ/REDIS_URL }\n");

        assertThat(moved.at("redis")).hasToString("{url=${REDIS_URL}}");
        assertThat(moved.note("the URL of a Redis has no login here")).contains("${REDIS_URL}");
    }

    @Test
    void otherWaysToLogInAreTold() throws Exception {
        Moved moved = with("general_settings: { litellm_key_header_name: X-Litellm-Key, enable_jwt_auth: true }\n");

        assertThat(moved.note("keys come in `Authorization: Bearer`")).contains("X-Litellm-Key");
        assertThat(moved.note("callers with tokens of an OpenID Connect issuer")).contains("enable_jwt_auth");
        assertThat(moved.note("no counterpart")).isEmpty();
    }

    @Test
    void anchorsAndEmptySettingsLoseNothing() throws Exception {
        assertThat(with("""
                x-openai: { rpm: 5 }
                litellm_settings: { cache: true, cache_params: { type: local, supported_call_types: [] } }
                """).note("no counterpart")).isEmpty();
    }

    @Test
    void timeoutOfAWholeCallIsToldAndTheOtherOneToo() throws Exception {
        Moved moved = with("""
                router_settings: { timeout: 90, stream_timeout: 20 }
                litellm_settings: { request_timeout: 300 }
                """);

        assertThat(moved.config(folder).upstream().timeouts().firstByte()).hasSeconds(90);
        assertThat(moved.note("LiteLLM's timeout bounds a whole call")).contains("router_settings (timeout 90)");
        assertThat(moved.note("not used, since upstream.timeouts.first-byte"))
                .contains("litellm_settings (request_timeout 300)");
        assertThat(moved.note("one upstream.timeouts.first-byte")).contains("router_settings (stream_timeout)");
    }

    @Test
    void timezoneIsTheBudgets() throws Exception {
        Moved moved = with("litellm_settings: { timezone: Europe/Berlin }\n");

        assertThat(moved.at("budgets")).hasToString("{time-zone=Europe/Berlin}");
        assertThat(moved.config(folder).budgets().rules().zone()).hasToString("Europe/Berlin");
        assertThat(moved.note("no counterpart")).isEmpty();
        assertThat(with("litellm_settings: { timezone: Mars/North }\n").note("set budgets.time-zone"))
                .contains("litellm_settings (timezone Mars/North)");
    }

    @Test
    void certificatesThatWereNotVerifiedAreToDo() throws Exception {
        Moved moved = with("""
                  - model_name: o1
                    litellm_params: { model: openai/o1, api_key: os.environ/OPENAI_API_KEY, ssl_verify: false }
                litellm_settings: { ssl_verify: false }
                """);

        assertThat(moved.note("certificates are always verified"))
                .contains("o1 (ssl_verify false), litellm_settings (ssl_verify false)");
    }

    @Test
    void loggingOfTeamsAndFormatsAreExplained() throws Exception {
        Moved moved = with("litellm_settings: { default_team_settings: [{ team_id: t }], json_logs: true }\n");

        assertThat(moved.note("use traces.otlp-endpoint")).contains("default_team_settings");
        assertThat(moved.note("logs are always JSON")).contains("json_logs");
    }
}
