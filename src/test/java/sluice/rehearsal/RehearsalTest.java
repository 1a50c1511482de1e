package sluice.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sluice.calls.PastCall;
import sluice.calls.PastUse;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.price.Cost;
import sluice.quota.Budget.Period;

/** Calls of the past meet the limits of another configuration as they would have then. */
class RehearsalTest {
    private static final Instant START = Instant.parse("2026-11-30T10:00:00Z");
    private static final Rehearsed.Refusals NONE = new Rehearsed.Refusals(0, List.of());
    private static final Before NOTHING = new Before(List.of(), Map.of());
    private static final String MODEL = "gpt-4o-mini";
    private static final long MICROS = 1_000_000;

    private final List<PastCall> calls = new ArrayList<>();
    private Before before = NOTHING;
    private String user = "";
    private String tags = "";

    /** A call that arrives so many seconds after the start. */
    private PastCall call(double second, double lasts, long tokens) {
        long ended = START.toEpochMilli() + Math.round((second + lasts) * 1000);
        return new PastCall(ended, "call-" + calls.size(), "bot", "chat_completions", MODEL, "MISS", "answered", "",
                Math.round(lasts * MICROS), tokens, false, tokens * 1000, false, tags, user);
    }

    private void answered(double second, double lasts, long tokens) {
        calls.add(call(second, lasts, tokens));
    }

    private void refusedThen(double second) {
        PastCall call = call(second, 0, 0);
        calls.add(new PastCall(call.endedAtMillis(), call.id(), call.tenant(), call.endpoint(), call.model(), "MISS",
                "tenant", "rate_limit_exceeded", 0, 0, false, 0, false, "", ""));
    }

    private List<Rehearsed> replayed(String tenant) {
        return replayed(tenant, START);
    }

    private List<Rehearsed> replayed(String tenant, Instant reported) {
        try {
            GatewayConfig config = ConfigReader.parse("""
                    upstream: { accounts: [{ name: main, keys: ["sk-some-upstream-key"] }] }
                    plans: { open: { weight: 1 } }
                    tenants: [{ name: bot, plan: open, keys: ["some-key-of-the-bot-1234"]%s }]
                    """.formatted(tenant.isEmpty() ? "" : ", " + tenant), name -> null);
            return new Rehearsal(config.tenants(), config.budgets().rules(), config.budgets().unpriced(),
                    config.cache().hitsCount(), START, before).run(calls, reported);
        } catch (InvalidConfig mistake) {
            throw new AssertionError(mistake);
        }
    }

    private Rehearsed bot(String tenant) {
        return replayed(tenant).getFirst();
    }

    @Test
    void requestsBeyondTheLimitAreRefusedAndItRefills() {
        for (int i = 0; i < 10; i++) {
            answered(i, 1, 10);
        }
        answered(60, 1, 10);
        Rehearsed bot = bot("rpm: 6");
        assertThat(bot.calls()).isEqualTo(11);
        assertThat(bot.refusedThen()).isZero();
        assertThat(bot.by()).containsOnlyKeys("rpm");
        assertThat(bot.by().getOrDefault("rpm", NONE).calls()).isEqualTo(4);
        assertThat(bot.by().getOrDefault("rpm", NONE).first()).containsExactly("call-6", "call-7", "call-8");
        assertThat(bot.newly()).isEqualTo(4);
    }

    @Test
    void reportsOfLimitsTakeNoRequest() {
        for (int i = 0; i < 3; i++) {
            PastCall call = call(i, 0, 0);
            calls.add(new PastCall(call.endedAtMillis(), call.id(), call.tenant(), "sluice_limits", "", "", "answered",
                    "",
                    0, 0, false, 0, false, "", ""));
        }
        answered(4, 1, 10);
        Rehearsed bot = bot("rpm: 1");
        assertThat(bot.calls()).isEqualTo(4);
        assertThat(bot.by()).isEmpty();
    }

    @Test
    void tokensAreTakenAsCallsUsedThem() {
        for (int i = 0; i < 5; i++) {
            answered(i, 1, 300);
        }
        answered(5, 1, 2000);
        Rehearsed bot = bot("tpm: 1000, model-limits: { \"gpt-4o*\": { tpm: 100000 } }");
        assertThat(bot.by()).containsOnlyKeys("tpm", "tpm, larger than the limit");
        assertThat(bot.by().getOrDefault("tpm", NONE).first()).containsExactly("call-3", "call-4");
        assertThat(bot("model-limits: { \"gpt-4o*\": { tpm: 1000 } }").by()).containsKey("gpt-4o*/tpm");
    }

    @Test
    void callsInFlightFollowFromHowLongTheyTook() {
        answered(0, 10, 1);
        answered(1, 10, 1);
        answered(2, 1, 1);
        answered(10.5, 1, 1);
        Rehearsed bot = bot("concurrent: 2");
        assertThat(bot.by().getOrDefault("concurrent", NONE).first()).containsExactly("call-2");
    }

    @Test
    void whatWasRefusedThenIsEstimatedByTheOthers() {
        answered(0, 1, 400);
        answered(1, 1, 600);
        refusedThen(2);
        refusedThen(3);
        Rehearsed bot = bot("tpm: 1600");
        assertThat(bot.refusedThen()).isEqualTo(2);
        assertThat(bot.by().getOrDefault("tpm", NONE).first()).as("500 tokens each").containsExactly("call-3");
        assertThat(bot.relieved()).isEqualTo(1);
        assertThat(bot.newly()).isZero();
        assertThat(bot.estimated()).isEqualTo(2);
    }

    @Test
    void dayAndBudgetsBeginWithWhatWasUsedBefore() {
        for (int i = 0; i < 4; i++) {
            answered(i, 0.5, 100);
        }
        PastUse use = new PastUse("bot", MODEL, 98, 50_000, Cost.PER_DOLLAR - 250_000);
        before = new Before(List.of(use), Map.of(Period.DAY, List.of(use)));
        assertThat(bot("rpd: 100").by().getOrDefault("rpd", NONE).calls()).isEqualTo(2);
        assertThat(bot("model-limits: { \"gpt-4o*\": { rpd: 100 } }").by().getOrDefault("gpt-4o*/rpd", NONE).calls())
                .isEqualTo(2);
        assertThat(bot("model-limits: { \"o3*\": { rpd: 1 } }").refused()).isZero();
        assertThat(bot("usd-per-day: 1").by().getOrDefault("usd-per-day", NONE).calls()).isEqualTo(2);
        assertThat(bot("usd-per-month: 1").refused()).isZero();
    }

    @Test
    void rulesRefuseWhatTheyNoLongerAllow() {
        answered(0, 1, 1);
        assertThat(bot("models: [o3]").by()).containsOnlyKeys("models");
        assertThat(bot("endpoints: [files]").by()).containsOnlyKeys("endpoints");
        assertThat(bot("tags: { required: [team] }").by()).containsOnlyKeys("tags.required");
        tags = "team=a";
        calls.clear();
        answered(0, 1, 600_000_000);
        answered(2, 1, 600_000_000);
        assertThat(bot("tags: { required: [team], budgets: { team=a: { usd-per-day: 1 } } }").by())
                .containsOnlyKeys("team=a/usd-per-day");
    }

    @Test
    void usersHaveLimitsOfTheirOwn() {
        user = "one";
        answered(0, 1, 1);
        answered(1, 1, 1);
        user = "other";
        answered(2, 1, 1);
        assertThat(bot("per-user: { rpm: 1 }").by().getOrDefault("user/rpm", NONE).first()).containsExactly("call-1");
    }

    @Test
    void answersFromTheCacheTakeARequestAlone() {
        PastCall hit = call(0, 0, 0);
        IntStream.range(0, 3).forEach(i -> calls.add(new PastCall(hit.endedAtMillis(), "hit-" + i, "bot",
                "chat_completions", MODEL, "HIT", "answered", "", 0, 0, false, 0, false, "", "")));
        assertThat(bot("rpm: 2").by().getOrDefault("rpm", NONE).calls()).isEqualTo(1);
        assertThat(bot("tpm: 1").refused()).isZero();
    }

    @Test
    void whatCameBeforeTheReportedTimeOnlyUsesUp() {
        answered(0, 1, 1);
        answered(1, 1, 1);
        answered(30, 1, 1);
        Rehearsed bot = replayed("rpm: 2", START.plusSeconds(20)).getFirst();
        assertThat(bot.calls()).isEqualTo(1);
        assertThat(bot.refused()).isZero();
        Rehearsed scarce = replayed("rpm: 1", START.plusSeconds(20)).getFirst();
        assertThat(scarce.refused()).isEqualTo(1);
    }

    @Test
    void tenantThatIsGoneIsToldSoAndShadowIsMarked() {
        answered(0, 1, 1);
        PastCall stranger = call(1, 1, 1);
        calls.add(new PastCall(stranger.endedAtMillis(), "x", "gone", "chat_completions", MODEL, "MISS", "answered", "",
                MICROS, 1, false, 0, false, "", ""));
        List<Rehearsed> all = replayed("rpm: 1, shadow: true");
        assertThat(all).extracting(Rehearsed::tenant).containsExactly("bot", "gone");
        assertThat(all.getFirst().shadow()).isTrue();
        assertThat(all.getLast().known()).isFalse();
        assertThat(all.getLast().by()).containsOnlyKeys("no such tenant");
    }

    @Test
    void clockNeverRunsBackwards() {
        VirtualClock clock = new VirtualClock(5);
        clock.advanceTo(3);
        assertThat(clock.micros()).isEqualTo(5);
        clock.advanceTo(START.toEpochMilli() * 1000);
        assertThat(clock.time().now()).isEqualTo(START);
        assertThat(Duration.ofNanos(clock.time().nanos())).isEqualTo(Duration.between(Instant.EPOCH, START));
        assertThat(START.atZone(ZoneOffset.UTC).getHour()).isEqualTo(10);
    }
}
