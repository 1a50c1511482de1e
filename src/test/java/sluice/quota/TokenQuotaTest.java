package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.openai.ModelGlob;
import sluice.quota.Limit.Kind;
import sluice.quota.Limit.Unit;
import sluice.quota.Verdict.Granted;
import sluice.quota.Verdict.Refused;
import sluice.testing.ManualTime;

/** Tokens of a tenant, and of an account: reserved, settled, all or nothing. */
class TokenQuotaTest {
    private static final Limit TPM_600 = new Limit(Kind.TPM, 600);
    private static final Limit TPD_1000 = new Limit(Kind.TPD, 1000);
    private static final Limit RPM_5 = new Limit(Kind.RPM, 5);

    private final ManualTime time = new ManualTime();
    private final Outstanding outstanding = new Outstanding();
    private final Map<String, LocalBucket> buckets = new LinkedHashMap<>();

    private TenantQuota quota(boolean shadow, Map<ModelGlob, List<Limit>> byModel, Limit... limits) {
        return new TenantQuota(new Limits(List.of(limits), OptionalInt.empty(), byModel), shadow, (name, limit) -> {
            LocalBucket bucket = LocalBucket.of(limit, time.time());
            buckets.put(name, bucket);
            return bucket;
        }, (limit, granted) -> {}, outstanding);
    }

    private static Verdict take(TenantQuota quota, String model, long tokens) {
        return quota.takeTokens(model, tokens).result();
    }

    private static Reservation granted(TenantQuota quota, long tokens) {
        return ((Granted) take(quota, "m", tokens)).reservation();
    }

    private long left(String name) {
        LocalBucket bucket = buckets.get(name);
        return bucket == null ? -1 : bucket.level().remaining();
    }

    static List<Arguments> endings() {
        return List.of(Arguments.of(Ending.AS_RESERVED, 400), Arguments.of(new Ending.Used(200), 400),
                Arguments.of(new Ending.Used(50), 550), Arguments.of(new Ending.Used(0), 600),
                Arguments.of(new Ending.Used(350), 250), Arguments.of(Ending.NOT_RUN, 600),
                Arguments.of(Ending.NOT_SENT, 600));
    }

    /** With 200 of 600 tokens reserved: what remains at the end. */
    @ParameterizedTest
    @MethodSource("endings")
    void reservationIsSettledByTheEnding(Ending ending, long left) {
        TenantQuota quota = quota(false, Map.of(), TPM_600);
        Reservation reservation = granted(quota, 200);
        assertThat(left("tpm")).isEqualTo(400);
        reservation.close(ending);
        reservation.close(Ending.NOT_SENT);
        assertThat(left("tpm")).isEqualTo(left);
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void useBeyondTheLimitIsPaidBackBeforeTheNextCall() {
        TenantQuota quota = quota(false, Map.of(), TPM_600);
        Reservation reservation = granted(quota, 500);
        reservation.close(new Ending.Used(900));
        assertThat(left("tpm")).isZero();
        Refused refused = (Refused) take(quota, "m", 1);
        Duration wait = Duration.ofMillis(30_100);
        assertThat(refused.waitNanos()).as("301 tokens, 10 a second").isBetween(wait.toNanos(), wait.toNanos() + 2);
        time.advanceNanos(refused.waitNanos());
        granted(quota, 1).close(Ending.AS_RESERVED);
    }

    @Test
    void callThatCanNeverFitIsRefusedForEverAndTakesNothing() {
        TenantQuota quota = quota(false, Map.of(), TPD_1000, TPM_600);
        assertThat(take(quota, "m", 601)).isEqualTo(new Refused(TPM_600, "", 601, Verdict.NEVER,
                new QuotaBucket.Level(600, 600, 0)));
        assertThat(left("tpd")).isEqualTo(1000);
        assertThat(outstanding.count()).isZero();
        granted(quota, 600);
    }

    @Test
    void tokensAreTakenFromAllLimitsOrFromNone() {
        Map<ModelGlob, List<Limit>> byModel = Map.of(new ModelGlob("gpt-4o*"),
                List.of(RPM_5, new Limit(Kind.TPM, 300)));
        TenantQuota quota = quota(false, byModel, TPM_600, TPD_1000);
        assertThat(take(quota, "gpt-4o", 200)).isInstanceOf(Granted.class);
        Refused refused = (Refused) take(quota, "gpt-4o-mini", 200);
        assertThat(refused.subject()).isEqualTo("gpt-4o*");
        assertThat(refused.limit().kind()).isEqualTo(Kind.TPM);
        assertThat(List.of(left("tpm"), left("tpd"), left("rpm gpt-4o*"), left("tpm gpt-4o*"))).containsExactly(400L,
                800L, 4L, 100L);
        assertThat(take(quota, "o3", 400)).isInstanceOf(Granted.class);
        assertThat(left("rpm gpt-4o*")).isEqualTo(4);
    }

    @Test
    void callWithoutTokensAlwaysFits() {
        TenantQuota quota = quota(false, Map.of(), TPM_600);
        granted(quota, 600);
        granted(quota, 0).close(Ending.NOT_SENT);
        assertThat(left("tpm")).isZero();
    }

    @Test
    void requestsOfATenantDoNotTouchItsTokens() {
        TenantQuota quota = quota(false, Map.of(), RPM_5, TPM_600);
        quota.takeRequest();
        assertThat(left("tpm")).isEqualTo(600);
        granted(quota, 100);
        assertThat(left("rpm")).isEqualTo(4);
        assertThat(quota.level(Unit.TOKENS).orElseThrow().remaining()).isEqualTo(500);
    }

    @Test
    void shadowNeverRefusesHoweverLargeTheCall() {
        TenantQuota quota = quota(true, Map.of(), TPM_600);
        granted(quota, 5000).close(Ending.AS_RESERVED);
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void onlyDailyLimitsAreRemembered() {
        TenantQuota quota = quota(false, Map.of(new ModelGlob("o3"), List.of(new Limit(Kind.RPD, 9))), TPM_600,
                TPD_1000,
                new Limit(Kind.RPD, 50));
        granted(quota, 100);
        take(quota, "o3", 1);
        assertThat(left(quota.dailyLevels())).containsOnly(Map.entry("tpd", 899L), Map.entry("rpd", 50L),
                Map.entry("rpd o3", 8L));
    }

    private AccountQuota account(Limit... limits) {
        return new AccountQuota(new AccountLimits(List.of(limits),
                Map.of(new ModelGlob("gpt-4o*"), List.of(new Limit(Kind.TPM, 300))), false, 5),
                (name, limit, of) -> LocalBucket.of(name, limit, of, -1, time.time()));
    }

    @Test
    void accountTakesTokensBesideRequestsAndSaysWhatItLacks() {
        AccountQuota account = account(RPM_5, TPM_600);
        account.take("o3", 500);
        assertThat(account.check("o3", 100, Set.of()).waitNanos()).isZero();
        assertThat(account.check("o3", 150, Set.of()).lacking())
                .isEqualTo(new AccountQuota.Lacking("tpm", Unit.TOKENS, true));
        assertThat(account.check("o3", 150, Set.of()).waitNanos()).isBetween(Duration.ofSeconds(5).toNanos(),
                Duration.ofSeconds(5).toNanos() + 2);
        account.take("gpt-4o", 50);
        assertThat(account.check("gpt-4o", 260, Set.of()).lacking())
                .isEqualTo(new AccountQuota.Lacking("tpm", Unit.TOKENS, true));
        time.advance(Duration.ofSeconds(30));
        account.take("gpt-4o", 300);
        assertThat(account.check("gpt-4o", 100, Set.of()).lacking())
                .isEqualTo(new AccountQuota.Lacking("tpm gpt-4o*", Unit.TOKENS, false));
        assertThat(account.exceeds("gpt-4o", 301)).isTrue();
        assertThat(account.exceeds("o3", 301)).isFalse();
    }

    @Test
    void tokensThatAreWithheldAreThereForCallsWithoutTokensOnly() {
        AccountQuota account = account(RPM_5, TPM_600);
        assertThat(account.check("o3", 1, Set.of("tpm")).waitNanos()).isPositive();
        assertThat(account.check("o3", 0, Set.of("tpm")).waitNanos()).isZero();
        assertThat(account.check("o3", 1, Set.of("tpm gpt-4o*")).waitNanos()).isZero();
    }

    @Test
    void accountSettlesTokensAndNotRequests() {
        AccountQuota account = account(new Limit(Kind.TPD, 1000), new Limit(Kind.RPD, 10));
        account.take("o3", 400);
        account.settle("o3", 400, 100);
        assertThat(left(account.dailyLevels())).containsOnly(Map.entry("tpd", 900L), Map.entry("rpd", 9L));
        account.take("o3", 400);
        account.giveBack("o3", 400, 0);
        assertThat(left(account.dailyLevels())).containsOnly(Map.entry("tpd", 900L), Map.entry("rpd", 9L));
        account.take("o3", 0);
        account.giveBack("o3", 0, 0);
        assertThat(left(account.dailyLevels())).containsOnly(Map.entry("tpd", 900L), Map.entry("rpd", 9L));
    }

    @Test
    void costIsTheLargestShareOfAnyLimit() {
        AccountQuota account = account(RPM_5, TPM_600);
        assertThat(account.share("o3", 0)).isEqualTo(0.2);
        assertThat(account.share("o3", 300)).isEqualTo(0.5);
        assertThat(account.share("gpt-4o", 300)).isEqualTo(1);
    }

    @Test
    void accountBeginsWithWhatIsRememberedOfItsDays() {
        AccountQuota account = new AccountQuota(
                new AccountLimits(List.of(RPM_5, new Limit(Kind.RPD, 10), TPD_1000), Map.of(), false, 5),
                (name, limit, of) -> LocalBucket.of(name, limit, of, name.equals("rpd") ? 3 : -1, time.time()));
        assertThat(left(account.dailyLevels())).containsOnly(Map.entry("rpd", 3L), Map.entry("tpd", 1000L));
    }

    private static Map<String, Long> left(Map<String, QuotaBucket.Level> levels) {
        return levels.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, level -> level.getValue().remaining()));
    }
}
