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
import sluice.tenancy.KeyDigest;

/** Limits and budgets that are no ordinary numbers. */
class TermsTest {
    private static final String BY_HAND = "set these by hand, since LiteLLM's file does not hold a number";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void keyWithALimitOfZeroIsLeftOutOfItsTeam() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "T", "models": ["gpt-4o", "fast"], "keys": [%s, %s, %s, %s, %s]}
                """.formatted(Moved.key("open", ""), Moved.key("a", "\"rpm_limit\": 0"),
                Moved.key("b", "\"max_budget\": 0.0"), Moved.key("c", "\"max_budget\": -1"),
                Moved.key("d", "\"models\": [\"fast\"], \"max_parallel_requests\": 0")))
                .keys("[" + Moved.key("e", "\"litellm_budget_table\": {\"tpm_limit\": 0}") + "]");

        assertThat(moved.tenants()).containsExactly("t");
        assertThat(moved.tenant("t").get("keys")).isEqualTo(List.of("sha256:" + KeyDigest.of("sk-open").hex()));
        assertThat(moved.note("a limit or budget of 0")).contains("key a of team T", "key b of team T",
                "key c of team T", "key d of team T", "key e");
        assertThat(moved.note("budgets are by day and month")).as("nothing to set where nobody calls").isEmpty();
    }

    @Test
    void textWhereANumberBelongsIsToDo() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", """
                "max_budget": "lots", "budget_duration": "1d", "rpm_limit": "6 0",
                "metadata": {"model_rpm_limit": {"fast": "few"}, "model_tpm_limit": "all"}
                """), Moved.team("b", "\"rpm_limit\": \"60\""))
                .keys("[" + Moved.key("c", "\"max_budget\": \"12,50\"") + "]");

        assertThat(moved.note(BY_HAND))
                .isEqualTo(": team a (rpm_limit 6 0, max_budget lots, model_rpm_limit of fast few,"
                        + " model_tpm_limit all), key c (max_budget 12,50)");
        assertThat(moved.tenant("b").get("rpm")).isEqualTo(60);
        assertThat(moved.config(folder).tenants()).hasSize(3);
    }

    @Test
    void blockedThatCannotBeReadCountsAsBlocked() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"blocked\": \"true\""), Moved.team("b", "\"blocked\": \"yes\""),
                Moved.team("c", "\"blocked\": \"false\""));

        assertThat(moved.tenants()).containsExactly("c");
        assertThat(moved.note("blocked")).isEqualTo(": team a");
        assertThat(moved.note("`blocked` is neither true nor false")).contains("team b (yes)");
    }

    @Test
    void numbersFinerOrLargerThanOursAreTold() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", """
                "max_budget": 1e-07, "budget_duration": "1d", "rpm_limit": 12.5, "tpm_limit": 99999999999,
                "metadata": {"model_rpm_limit": {"fast": 0.5}}
                """));

        assertThat(moved.note("limits are whole numbers")).contains("team a (rpm_limit 12.5 to 12",
                "max_budget 0.0000001 to 0.000001", "model_rpm_limit of fast 0.5 to 1)");
        assertThat(moved.note("limits above the highest")).contains("team a (tpm_limit 99999999999 to 1000000000)");
        assertThat(moved.config(folder).tenants()).hasSize(1);
    }

    @Test
    void modelWithoutPriceIsToldOfABudgetThatIsStillToBeSet() throws Exception {
        assertThat(moved(WILDCARDS, Moved.team("a", "\"max_budget\": 100")).note("these models have no price"))
                .contains("llama-3");
    }

    @Test
    void sumOfATeamThatDissolvesIsTold() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "beta", "rpm_limit": 60, "keys": [%s, %s]}
                """.formatted(Moved.key("b1", "\"models\": [\"fast\"]"),
                Moved.key("b2", "\"models\": [\"gpt-4o\"], \"rpm_limit\": 10")));

        assertThat(moved.tenants()).containsExactly("beta-b1", "beta-b2");
        assertThat(moved.note("every key of these teams may call fewer models"))
                .contains("team beta (beta-b1, beta-b2, rpm 70 in total, 60 for the team)");
        assertThat(moved.note("tenants of their own")).isEmpty();
    }

    @Test
    void expiryInSecondsIsATimeAndAnUnreadableOneIsQuoted() throws Exception {
        Moved moved = Moved.serving("gpt-4o").keys("[" + Moved.key("a", "\"expires\": 1800000000") + ","
                + Moved.key("b", "\"expires\": \"in 30d\"") + "]");

        assertThat(moved.tenant("a").get("keys")).asString().contains("not-after=2027-01-15T08:00:00Z");
        assertThat(moved.note("set not-after")).endsWith(": key b (in 30d)");
    }

    @Test
    void fieldsThatNobodyKnowsAreTold() throws Exception {
        Moved moved = moved(GROUPS, Moved.team("a", "\"weird_future_limit\": 7, \"spend\": 3, \"created_at\": \"x\""))
                .keys("[" + Moved.key("k", "\"unknown_limit\": 3, \"nothing\": null") + "]");

        assertThat(moved.note("fields the import does not know"))
                .isEqualTo(": team a (weird_future_limit), key k (unknown_limit)");
    }

    @Test
    void separateTenantHasNoLimitsOfOtherModels() throws Exception {
        Moved moved = moved(GROUPS, """
                {"team_id": "t", "team_alias": "b", "models": ["gpt-4o", "fast"], "keys": [%s, %s],
                 "metadata": {"model_rpm_limit": {"gpt-4o": 20, "fast": 5}}}
                """.formatted(Moved.key("all", ""), Moved.key("narrow", "\"models\": [\"fast\"]")));

        assertThat(moved.tenant("b").get("model-limits"))
                .isEqualTo(Map.of("gpt-4o", Map.of("rpm", 20), "gpt-4o-mini", Map.of("rpm", 5)));
        assertThat(moved.tenant("b-narrow").get("model-limits")).isEqualTo(Map.of("gpt-4o-mini", Map.of("rpm", 5)));
    }
}
