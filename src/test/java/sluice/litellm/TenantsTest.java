package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.config.GatewayConfig;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Tenant;

class TenantsTest {
    static final String GROUPS = """
            model_list:
              - model_name: gpt-4o
                litellm_params: { model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, rpm: 500 }
                model_info: { access_groups: [premium] }
              - model_name: smart
                litellm_params: { model: openai/gpt-4.1, api_key: os.environ/OPENAI_API_KEY, rpm: 500 }
                model_info: { access_groups: [premium] }
              - model_name: fast
                litellm_params: { model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY, rpm: 500 }
            router_settings:
              model_group_alias: { gpt-4: gpt-4o, turbo: { model: fast, hidden: true } }
            """;
    static final String WILDCARDS = """
            model_list:
              - model_name: "openai/*"
                litellm_params: { model: "openai/*", api_key: os.environ/OPENAI_API_KEY, rpm: 500 }
              - model_name: llama
                litellm_params: { model: hosted_vllm/llama-3, api_base: "http://vllm/v1", api_key: os.environ/V, rpm: 60 }
            """;

    @TempDir
    private Path folder = Path.of("");

    static Moved moved(String file, String... teams) {
        return new Moved(file).teams("[" + String.join(",", teams) + "]");
    }

    private static String digest(String key) {
        return "sha256:" + KeyDigest.of(key).hex();
    }

    @Test
    void keysOfTeamsAreLeftOutWhileTheirTeamsAreUnknown() throws Exception {
        Moved moved = Moved.serving("gpt-4o").keys("[" + Moved.key("ann", "") + ","
                + Moved.key("of-a-team", "\"team_id\": \"t1\"") + "]");

        assertThat(moved.tenants()).containsExactly("ann");
        assertThat(moved.note("keys of teams, whose limits are not known without --teams")).isEqualTo(": of-a-team");
        moved.teams("[" + Moved.team("search", "") + "]");
        assertThat(moved.tenants()).containsExactly("search", "ann");
        assertThat(moved.note("keys of teams that the team list does not have")).isEqualTo(": of-a-team");
    }

    @Test
    void keysJoinTheirTeamWhicheverListNamesThem() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t1", "team_alias": "search", "rpm_limit": 5, "keys": ["%s"]}
                """.formatted(KeyDigest.of("sk-one").hex()), """
                {"team_id": "t2", "team_alias": "chat"}
                """, """
                {"team_id": "t3", "team_alias": "idle"}
                """)
                .keys("[" + Moved.key("one", "\"team_id\": \"t1\", \"expires\": \"2031-01-01T00:00:00Z\"") + ","
                        + Moved.key("two", "\"team_id\": \"t1\"") + "," + Moved.key("three", "\"team_id\": \"t2\"")
                        + "]");

        GatewayConfig config = moved.config(folder);
        assertThat(Moved.tenant(config, "search").keys()).extracting(Tenant.Key::digest)
                .containsExactly(KeyDigest.of("sk-one"), KeyDigest.of("sk-two"));
        assertThat(Moved.tenant(config, "search").keys().getFirst().notAfter()).as("from the other list").isPresent();
        assertThat(Moved.tenant(config, "chat").keys()).hasSize(1);
        assertThat(moved.note("no key that can be used")).contains("team idle");
    }

    @Test
    void blockedTeamsAndKeysAreLeftOut() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("gone", "\"blocked\": true"), """
                {"team_id": "t", "team_alias": "here", "keys": [%s, %s]}
                """.formatted(Moved.key("a", "\"blocked\": true"), Moved.key("b", "\"blocked\": null")));

        assertThat(moved.tenants()).containsExactly("here");
        assertThat(moved.tenant("here").get("keys")).isEqualTo(List.of(digest("sk-b")));
        assertThat(moved.note("blocked")).isEqualTo(": team gone, key a of team here");
    }

    @Test
    void limitOfZeroIsNoUnlimitedTenant() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"rpm_limit\": 0"), Moved.team("b", "\"max_budget\": 0.0"));

        assertThat(moved.tenants()).isEmpty();
        assertThat(moved.note("a limit or budget of 0")).contains("team a", "team b");
    }

    @Test
    void limitsAboveOursAreOurHighest() throws Exception {
        GatewayConfig config = moved(GROUPS, Moved.team("a", """
                "tpm_limit": 9223372036854775807, "rpm_limit": 1e12, "max_parallel_requests": 9000000,
                "max_budget": 1e9, "budget_duration": "1d", "metadata": {"model_tpm_limit": {"fast": 1e12}}
                """)).config(folder);

        assertThat(Moved.tenant(config, "a").limits().toString()).contains("1000000000");
    }

    @Test
    void firstAccountOfATenantServesSomeOfItsModels() throws Exception {
        Moved moved = moved(WILDCARDS, Moved.team("own", "\"models\": [\"llama\"]"),
                Moved.team("both", "\"models\": [\"gpt-4o\", \"llama\"]"), Moved.team("all", ""),
                Moved.team("usual", "\"models\": [\"gpt-4o\"]"));

        assertThat(moved.tenant("own").get("accounts")).isEqualTo(List.of("vllm"));
        assertThat(moved.tenant("both").get("accounts")).isNull();
        assertThat(moved.note("responses of the Responses API")).contains("team both (llama-3), team all (llama-3)")
                .doesNotContain("team own", "team usual");
        assertThat(Moved.tenant(moved.config(folder), "own").accounts()).containsExactly("vllm");
    }

    @Test
    void firstAccountOfATenantIsTheOneThatServesMostOfItsModels() throws Exception {
        Moved moved = new Moved("""
                model_list:
                  - model_name: gpt-4o
                    litellm_params: { model: azure/prod, api_base: "https://eu.azure.com", api_key: os.environ/EU }
                  - model_name: mini
                    litellm_params: { model: azure/mini, api_base: "https://us.azure.com", api_key: os.environ/US }
                  - model_name: gpt-4o
                    litellm_params: { model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY }
                  - model_name: o3
                    litellm_params: { model: openai/o3, api_key: os.environ/OPENAI_API_KEY }
                """).teams("[" + String.join(",", Moved.team("all", ""),
                Moved.team("some", "\"models\": [\"gpt-4o\", \"mini\", \"o3\"]"),
                Moved.team("azure", "\"models\": [\"mini\"]")) + "]");

        assertThat(moved.config(folder).accounts()).extracting(each -> each.account().name()).containsExactly("openai",
                "eu.azure.com", "us.azure.com");
        assertThat(moved.tenant("all").get("accounts")).as("so all have it first").isNull();
        assertThat(moved.tenant("some").get("accounts")).isNull();
        assertThat(moved.tenant("azure").get("accounts")).isEqualTo(List.of("us.azure.com"));
        assertThat(moved.note("responses of the Responses API"))
                .contains("team all (prod, mini), team some (prod, mini)")
                .doesNotContain("o3", "team azure");
    }

    @Test
    void whatLimitsAKeyFromElsewhereIsTold() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "T", "keys": [%s]}
                """.formatted(Moved.key("a", """
                "project_id": "p", "agent_id": "x", "budget_fallbacks": {"gpt-4o": ["fast"]},
                "metadata": {"temp_budget_increase": 5, "allowed_vector_store_indexes": ["i"]}""")));

        assertThat(moved.note("limits and budgets of organizations, projects")).contains("(project_id, agent_id)");
        assertThat(moved.note("no counterpart")).contains("budget_fallbacks");
        assertThat(moved.note("raise a budget in the file")).contains("temp_budget_increase");
        assertThat(moved.note("access to vector stores")).contains("allowed_vector_store_indexes");
    }

    @Test
    void furtherDataOfATeamIsTold() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", """
                "metadata": {"cost_center": "4711", "owner": "", "model_rpm_limit": {"fast": 3}}"""));

        assertThat(moved.note("tenants have no metadata"))
                .isEqualTo("; keep it elsewhere under the tenant's name: team a (cost_center)");
    }

    @Test
    void keysAreToldApartByTheNamesTheyHad() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "T", "keys": [%s, %s, {"token": "%s"}]}
                """.formatted(Moved.key("web", ""), Moved.key("job", "\"expires\": \"2027-01-01\""), "0".repeat(64)))
                .keys("""
                        {"keys": [%s]}""".formatted(Moved.key("alone: #1\\nadmin\\u2028\\u0080", "")));

        assertThat(moved.converted().yaml()).containsPattern("- sha256:[0-9a-f]{64}  # web\n")
                .containsPattern("- sha256: [0-9a-f]{64}  # job\n").contains("- sha256:" + "0".repeat(64) + "\n")
                .contains("  # alone: #1 admin\n");
        assertThat(moved.config(folder).tenants()).hasSize(2);
    }

    @Test
    void namesHaveNoDashesInARow() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "Café (dev)", "models": ["gpt-4o", "fast"], "keys": [%s, %s]}
                """.formatted(Moved.key("all", ""), Moved.key("ci", "\"models\": [\"fast\"]")));

        assertThat(moved.tenants()).containsExactly("cafe-dev", "cafe-dev-ci");
    }

    @Test
    void keyThatMayCallLessIsATenantOfItsOwn() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "Support Bot", "models": ["gpt-4o", "fast"], "rpm_limit": 60,
                 "max_budget": 20, "budget_duration": "1d", "keys": [%s, %s, %s, %s, %s]}
                """.formatted(Moved.key("all", ""), Moved.key("same", "\"models\": [\"fast\", \"gpt-4o\"]"),
                Moved.key("team's", "\"models\": [\"all-team-models\"]"),
                Moved.key("Small", "\"models\": [\"fast\", \"smart\"], \"rpm_limit\": 10, \"tpm_limit\": 500"),
                Moved.key("none", "\"models\": [\"smart\"]")));

        assertThat(moved.tenants()).containsExactly("support-bot", "support-bot-small");
        assertThat(moved.tenant("support-bot").get("keys"))
                .isEqualTo(List.of(digest("sk-all"), digest("sk-same"), digest("sk-team's")));
        Map<?, ?> small = moved.tenant("support-bot-small");
        assertThat(small.get("models")).isEqualTo(List.of("gpt-4o-mini"));
        assertThat(small.get("rpm")).as("the smaller of both").isEqualTo(10);
        assertThat(small.get("tpm")).isEqualTo(500);
        assertThat(small.get("usd-per-day")).isEqualTo(20);
        assertThat(moved.note("tenants of their own")).contains("support-bot-small");
        assertThat(moved.note("no model that both the key and its team may call"))
                .isEqualTo(": key none of team Support Bot");
    }

    @Test
    void ownLimitsOfKeysThatStayAreListed() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "search", "rpm_limit": 60, "keys": [%s, %s]}
                """.formatted(Moved.key("a", "\"rpm_limit\": 10, \"max_budget\": 5, \"budget_duration\": \"7d\""),
                Moved.key("b", "\"metadata\": {\"model_tpm_limit\": {\"fast\": 5}}")));

        assertThat(moved.tenants()).containsExactly("search");
        assertThat(moved.note("own limits of keys that share their team's tenant")).contains(
                "key a of team search (rpm_limit 10, max_budget of 5 dollars per 7d)",
                "key b of team search (model_tpm_limit)");
    }

    @Test
    void budgetsOfOtherLengthsAreListed() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"max_budget\": 2.5, \"budget_duration\": \"24h\""),
                Moved.team("b", "\"max_budget\": 50, \"budget_duration\": \"1mo\""),
                Moved.team("c", "\"max_budget\": 50, \"budget_duration\": \"7d\""),
                Moved.team("d", "\"max_budget\": 9"));

        assertThat(moved.tenant("a").get("usd-per-day")).hasToString("2.5");
        assertThat(moved.tenant("b").get("usd-per-month")).isEqualTo(50);
        assertThat(moved.note("budgets are by day and month"))
                .contains("team c (50 dollars per 7d), team d (9 dollars, never resets)");
    }

    @Test
    void modelWithoutPriceUnderABudgetIsListed() throws Exception {
        String budget = "\"max_budget\": 9, \"budget_duration\": \"1d\"";

        assertThat(moved(WILDCARDS, Moved.team("a", budget)).note("these models have no price")).contains("llama-3");
        assertThat(moved(WILDCARDS, Moved.team("a", "")).note("these models have no price")).isEmpty();
        assertThat(moved(WILDCARDS, Moved.team("a", budget + ", \"models\": [\"openai/*\"]"))
                .note("these models have no price")).isEmpty();
    }

    @Test
    void fieldsWithoutCounterpartAreListedByWhatThereIsInstead() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"soft_budget\": 5, \"metadata\": {\"guardrails\": [\"pii\"]}"),
                Moved.team("b", "\"soft_budget\": 7, \"object_permission\": {\"mcp_servers\": [\"x\"]}"),
                Moved.team("c", """
                        "soft_budget": null, "metadata": {}, "team_memberships": [{"user_id": "u", "budget_id": null}],
                        "object_permission": {"object_permission_id": "x", "mcp_servers": [], "vector_stores": []}
                        """))
                .keys("[" + Moved.key("k", """
                        "team_id": "id-c", "aliases": {"gpt-4": "gpt-4o"}, "allowed_routes": ["llm_api_routes"],
                        "permissions": {}, "metadata": {"tags": ["web"]}
                        """) + "]");

        assertThat(moved.note("budgets.warn-at")).contains("team a (soft_budget), team b (soft_budget)")
                .doesNotContain("team c");
        assertThat(moved.note("Sluice does not read prompts")).contains("team a (guardrails)");
        assertThat(moved.note("access to vector stores")).contains("team b (object_permission)")
                .doesNotContain("team c");
        assertThat(moved.note("limits and budgets of organizations")).isEmpty();
        assertThat(moved.note("callers send tags themselves")).contains("key k of team c (tags)");
        assertThat(moved.note("models have no aliases here")).contains("key k of team c (gpt-4o instead of gpt-4)");
        assertThat(moved.converted().notes()).noneMatch(line -> line.contains("permissions"));
    }

    @Test
    void takenNamesGetANumberAndAreTold() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("Data Science", ""), Moved.team("data-science", ""));

        assertThat(moved.tenants()).containsExactly("data-science", "data-science-2");
        assertThat(moved.note("names that were taken have a number")).contains("team data-science (data-science-2)");
    }

    @Test
    void shadowIsOneFlag() throws Exception {
        GatewayConfig config = moved(GROUPS, Moved.team("a", "\"rpm_limit\": 5")).inShadow().config(folder);

        assertThat(config.tenants()).allMatch(Tenant::shadow);
        assertThat(moved(GROUPS, Moved.team("a", "")).config(folder).tenants()).noneMatch(Tenant::shadow);
    }

    @Test
    void keyWithoutHashIsLeftOutAndItsTextNeverShown() throws Exception {
        Moved moved = Moved.serving("gpt-4o").keys("""
                [{"token": "sk-in-plain-text", "key_alias": "ci"}]
                """);

        assertThat(moved.tenants()).isEmpty();
        assertThat(moved.note("the list lacks the hash")).contains("key ci");
        assertThat(moved.converted().yaml() + moved.converted().notes()).doesNotContain("sk-in-plain-text");
    }

    @Test
    void keyThatCallsNoModelIsNoKeyForInference() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "ops", "keys": [%s, %s, %s]}
                """.formatted(Moved.key("admin", "\"allowed_routes\": [\"management_routes\", \"/key/generate\"]"),
                Moved.key("embed", "\"allowed_routes\": [\"/v1/embeddings\"]"),
                Moved.key("all", "\"allowed_routes\": [\"llm_api_routes\"]")))
                .keys("[" + Moved.key("info", "\"allowed_routes\": [\"info_routes\", \"/v1/models\"]") + "]");

        assertThat(moved.tenants()).containsExactly("ops");
        assertThat(moved.tenant("ops").get("keys")).isEqualTo(List.of(digest("sk-embed"), digest("sk-all")));
        assertThat(moved.note("keys whose allowed_routes call no model")).contains(
                "key admin of team ops (management_routes, /key/generate)", "key info (info_routes, /v1/models)");
        assertThat(moved.note("these keys may now call more than before")).contains("key embed of team ops")
                .doesNotContain("key all");
    }

    @Test
    void keyOfAUserIsLimitedByWhatIsNotInTheList() throws Exception {
        Moved moved = Moved.serving("gpt-4o").keys("[" + Moved.key("bo", "\"user_id\": \"bo\"") + ","
                + Moved.key("own", "\"user_id\": \"ann\", \"models\": [\"gpt-4o\"]") + ","
                + Moved.key("admin", "\"user_id\": \"default_user_id\"") + "]");

        assertThat(moved.note("these keys are limited by their user in LiteLLM")).endsWith(": key bo (bo)");
    }

    @Test
    void whatTheListsDoNotHoldIsToDo() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"access_group_ids\": [\"ag-1\"]"));

        assertThat(moved.note("access groups of LiteLLM's console may grant models too"))
                .contains("team a (access_group_ids)");
        assertThat(moved.note("keys without a team are in GET /key/list only")).contains("--keys");
        moved.keys("[]");
        assertThat(moved.note("keys without a team are in GET /key/list only")).isEmpty();
    }

    @Test
    void budgetTableOfAKeyIsRead() throws Exception {
        Moved moved = Moved.serving("gpt-4o").keys("[" + Moved.key("ann", """
                "budget_id": "b-2", "max_budget": null,
                "litellm_budget_table": {"max_budget": 2.0, "budget_duration": "1d", "rpm_limit": 9}
                """) + "," + Moved.key("bo", "\"budget_id\": \"b-3\"") + "]");

        assertThat(moved.tenant("ann").get("rpm")).isEqualTo(9);
        assertThat(moved.tenant("ann").get("usd-per-day")).isEqualTo(2);
        assertThat(moved.note("limits of a budget_id")).contains("key bo").doesNotContain("key ann");
    }

    @Test
    void dayAndMonthAreKnownHoweverTheyAreWritten() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"max_budget\": 2, \"budget_duration\": \"1440m\""),
                Moved.team("b", "\"max_budget\": 3, \"budget_duration\": \"86400s\""),
                Moved.team("c", "\"max_budget\": 4, \"budget_duration\": \"720h\""),
                Moved.team("d", "\"max_budget\": 5, \"budget_duration\": \"2mo\""));

        assertThat(moved.tenant("a").get("usd-per-day")).isEqualTo(2);
        assertThat(moved.tenant("b").get("usd-per-day")).isEqualTo(3);
        assertThat(moved.tenant("c").get("usd-per-month")).isEqualTo(4);
        assertThat(moved.note("budgets are by day and month")).contains("team d (5 dollars per 2mo)")
                .doesNotContain("team a", "team b", "team c");
    }

    @Test
    void lettersLoseTheirAccentsAndChangedNamesAreListed() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("Équipe Données", ""), Moved.team("Straße", ""),
                Moved.team("Search", ""));

        assertThat(moved.tenants()).containsExactly("equipe-donnees", "strasse", "search");
        assertThat(moved.note("names are of a-z"))
                .contains("team Équipe Données (equipe-donnees), team Straße (strasse)").doesNotContain("team Search");
    }

    @Test
    void timeWithoutZoneIsUtc() throws Exception {
        Moved moved = Moved.serving("gpt-4o").keys("[" + Moved.key("a", "\"expires\": \"2037-01-31 12:00:00\"") + ","
                + Moved.key("b", "\"expires\": \"2037-01-31\"") + ","
                + Moved.key("c", "\"expires\": \"2037-01-31T12:00:00+02:00\"") + "]");

        assertThat(moved.tenant("a").get("keys")).asString().contains("not-after=2037-01-31T12:00:00Z");
        assertThat(moved.tenant("b").get("keys")).asString().contains("not-after=2037-01-31T00:00:00Z");
        assertThat(moved.tenant("c").get("keys")).asString().contains("not-after=2037-01-31T10:00:00Z");
    }

    @Test
    void keyWithoutAnyServedModelIsOneLine() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "a", "models": ["gpt-4o"], "keys": [%s]}
                """.formatted(Moved.key("k", "\"models\": [\"claude\"]")));

        assertThat(moved.note("no model that an account serves")).isEqualTo(": key k of team a (claude)");
        assertThat(moved.note("no model that both")).isEmpty();
    }

    @Test
    void teamsAliasOfAModelElsewhereIsLeftOut() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", """
                "models": ["gpt-4o"], "litellm_model_table": {"model_aliases": {"best": "claude"}}
                """), Moved.team("b", "\"models\": [\"no-default-models\"]"));

        assertThat(moved.note("models that no account serves")).isEqualTo(": team a (best)");
        assertThat(moved.note("team a must ask for")).isEmpty();
    }
}
