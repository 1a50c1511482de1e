package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.openai.Usage;
import sluice.price.Cost;

class GatewayMetersTest {
    private final GatewayMeters meters = new GatewayMeters(new GatewayMeters.Settings(2), "1.2.3");

    @AfterEach
    void close() {
        meters.close();
    }

    /** The facts of a call, set by hand. */
    private record Known(@Nullable TenantMeters meters, String model, String cache) implements Facts {}

    private Spent call(String tenant, String model, int status) {
        return call(new Known(meters.tenant(tenant), model, ""), status,
                status == 200 ? Outcome.ANSWERED : Outcome.UPSTREAM);
    }

    private static Spent call(Facts facts, int status, Outcome outcome) {
        return new Spent(new Origin("1", "POST", "chat_completions", "c"), facts,
                new Spent.Told(status, outcome, "", 0, new ModelUse.Reported("", "", new Usage(5, 7, 1))),
                new Spent.Times(0, 0, 1_000_000, 2_000_000, 0, 3_000_000),
                new Cost.Priced(1_500_000_000_000L, LocalDate.EPOCH), Cost.NOTHING);
    }

    private List<String> series(String name) {
        return meters.scrape().lines().filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .toList();
    }

    private Set<String> labels(String name, String label) {
        Pattern pattern = Pattern.compile("[{,]" + label + "=\"([^\"]*)\"");
        return series(name).stream().map(pattern::matcher).filter(Matcher::find).map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    private static Predicate<String> has(String... parts) {
        return line -> List.of(parts).stream().allMatch(line::contains);
    }

    @Test
    void onlyTheFirstTenantsHaveSeriesOfTheirOwn() {
        for (int i = 0; i < 20; i++) {
            meters.record(call("t" + i % 10, "m", 200));
        }
        assertThat(labels("sluice_requests_total", "tenant")).containsExactlyInAnyOrder("t0", "t1", "other");
        assertThat(labels("sluice_tokens_total", "tenant")).containsExactlyInAnyOrder("t0", "t1", "other");
        assertThat(series("sluice_requests_total")).anyMatch(has("tenant=\"other\"", " 16.0"))
                .anyMatch(has("tenant=\"t0\"", " 2.0"));
        assertThat(meters.tenant("t0")).isSameAs(meters.tenant("t0"));
    }

    @Test
    void onlyAHundredModelsHaveSeriesOfTheirOwn() {
        meters.knowModels(List.of("known"));
        for (int i = 0; i < 300; i++) {
            meters.record(call("t", "m" + i, 200));
        }
        meters.record(call("t", "known", 200));
        assertThat(labels("sluice_tokens_total", "model")).hasSize(101).contains("known", "m98", "other")
                .doesNotContain("m99");
    }

    @Test
    void longNameIsNobodysModel() {
        meters.record(call("t", "x".repeat(257), 200));
        meters.record(call("t", "x".repeat(256), 200));
        assertThat(labels("sluice_tokens_total", "model")).containsExactlyInAnyOrder("x".repeat(256), "other");
    }

    @Test
    void modelThatWasNotAnsweredHasNoSeries() {
        meters.record(call("t", "made-up", 404));
        meters.record(call("t", "real", 200));
        assertThat(labels("sluice_tokens_total", "model")).containsExactlyInAnyOrder("real", "other");
    }

    @Test
    void callIsCountedWithItsTimesAndTokens() {
        meters.record(call(new Known(meters.tenant("t"), "m", "MISS"), 200, Outcome.ANSWERED));
        assertThat(series("sluice_requests_total"))
                .anyMatch(has("tenant=\"t\"", "endpoint=\"chat_completions\"", "code=\"200\"", "outcome=\"answered\"",
                        " 1.0"));
        assertThat(series("sluice_tokens_total")).anyMatch(has("kind=\"input\"", " 5.0"))
                .anyMatch(has("kind=\"output\"", " 7.0"))
                .anyMatch(has("kind=\"cached\"", " 1.0"));
        assertThat(series("sluice_cache_requests_total")).anyMatch(has("tenant=\"t\"", "result=\"MISS\"", " 1.0"));
        for (String timer : List.of("request", "upstream", "first_byte", "overhead")) {
            assertThat(series("sluice_" + timer + "_seconds_count")).as(timer)
                    .anyMatch(has("outcome=\"answered\"", " 1"));
        }
        assertThat(series("sluice_overhead_seconds_sum")).anyMatch(has(" 0.001"));
        assertThat(series("sluice_build_info")).anyMatch(has("version=\"1.2.3\""));
    }

    @Test
    void callOfNobodyCountsForTheOthers() {
        meters.record(call(new Known(null, "m", ""), 401, Outcome.TENANT));
        assertThat(series("sluice_requests_total")).singleElement()
                .matches(has("tenant=\"other\"", "code=\"401\"", "outcome=\"tenant\""));
    }

    @Test
    void decisionsAreCountedByLimitAndMode() {
        meters.tenant("a");
        meters.tenant("b");
        TenantMeters shared = meters.tenant("c");
        shared.decision("rpm", false, "shadow");
        meters.tenant("d").decision("rpm", false, "enforced");
        shared.decision("rpm", true, "shadow");
        assertThat(series("sluice_limit_decisions_total")).hasSize(3)
                .anyMatch(has("tenant=\"other\"", "decision=\"refused\"", "mode=\"shadow\"", " 1.0"))
                .anyMatch(has("tenant=\"other\"", "decision=\"refused\"", "mode=\"enforced\"", " 1.0"))
                .anyMatch(has("tenant=\"other\"", "decision=\"granted\"", "mode=\"shadow\"", " 1.0"));
    }

    @Test
    void gaugesSayWhatIsNow() {
        meters.tenant("t").watch(() -> 3, Map.of("rpm", () -> 0.25),
                Map.of("0123456789ab", Instant.ofEpochSecond(1_800_000_000)));
        assertThat(series("sluice_key_not_after_timestamp_seconds")).singleElement()
                .matches(has("tenant=\"t\"", "key_id=\"0123456789ab\"", " 1.8E9"));
        meters.account("main", Map.of("rpm", () -> 0.5),
                new GatewayMeters.AccountFigures(() -> 0, () -> 1, () -> 0, () -> 2, Optional.empty()), Map.of(),
                Map.of());
        meters.state().queueWaiting("default", "interactive", () -> 4);
        meters.streams(1);
        meters.streams(1);
        meters.streams(-1);
        assertThat(series("sluice_in_flight")).anyMatch(has("tenant=\"t\"", " 3.0"));
        assertThat(series("sluice_limit_remaining_ratio")).anyMatch(has("limit=\"rpm\"", " 0.25"));
        assertThat(series("sluice_account_remaining_ratio")).anyMatch(has("account=\"main\"", " 0.5"));
        assertThat(series("sluice_account_quotas_short")).anyMatch(has("account=\"main\"", " 2.0"));
        assertThat(series("sluice_queue_waiting")).anyMatch(has("pool=\"default\"", "lane=\"interactive\"", " 4.0"));
        assertThat(series("sluice_streams_active")).anyMatch(has(" 1.0"));
    }
}
