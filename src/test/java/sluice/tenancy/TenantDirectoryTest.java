package sluice.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.cache.AnswerCache;
import sluice.cache.CachePolicies;
import sluice.cache.CachePolicy;
import sluice.metrics.GatewayMeters;
import sluice.openai.EndpointClass;
import sluice.quota.InFlight;
import sluice.quota.Limits;
import sluice.quota.LocalBucket;
import sluice.quota.Outstanding;
import sluice.quota.TenantQuota;
import sluice.schedule.Lane;
import sluice.schedule.Share;
import sluice.schedule.Standing;
import sluice.testing.ManualTime;
import sluice.testing.TestSpending;

class TenantDirectoryTest {
    private final ManualTime time = new ManualTime();
    private final GatewayMeters meters = new GatewayMeters(new GatewayMeters.Settings(10), "test");

    @AfterEach
    void close() {
        meters.close();
    }

    private static Tenant.Key key(String text, Optional<Instant> notAfter) {
        return new Tenant.Key(KeyDigest.of(text), notAfter);
    }

    private Tenancy tenancy(String name, Tenant.Key... keys) {
        Tenant tenant = new Tenant(name, "free", List.of(keys), List.of(), Set.of(EndpointClass.INFERENCE),
                List.of("main"), Limits.NONE, false,
                new CachePolicies(CachePolicy.of(AnswerCache.Mode.IDENTICAL, Duration.ZERO)),
                new Standing(1, Duration.ZERO, Lane.INTERACTIVE), TagRules.NONE,
                Access.OPEN);
        Outstanding outstanding = new Outstanding();
        return new Tenancy(tenant,
                new TenantQuota(Limits.NONE, false, (label, limit) -> LocalBucket.of(limit, time.time()),
                        (limit, granted) -> {},
                        outstanding),
                TestSpending.unlimited(outstanding, time.time()),
                new InFlight(OptionalInt.empty(), false, (limit, granted) -> {}, outstanding),
                Set.of("main"), new Share(name, 1), meters.tenant(name));
    }

    private TenantDirectory directory(Tenancy... tenancies) {
        TenantDirectory directory = new TenantDirectory(time.time());
        directory.put(List.of(tenancies));
        return directory;
    }

    @Test
    void tenantIsFoundByAnyOfItsKeys() {
        Tenancy one = tenancy("one", key("a", Optional.empty()), key("b", Optional.empty()));
        Tenancy two = tenancy("two", key("c", Optional.empty()));
        TenantDirectory tenancies = directory(one, two);
        assertThat(tenancies.find(KeyDigest.of("a"))).containsSame(one);
        assertThat(tenancies.find(KeyDigest.of("b"))).containsSame(one);
        assertThat(tenancies.find(KeyDigest.of("c"))).containsSame(two);
        assertThat(tenancies.find(KeyDigest.of("d"))).isEmpty();
    }

    @Test
    void tenantIsFoundByItsName() {
        Tenancy one = tenancy("one");
        assertThat(directory(one).named("one")).containsSame(one);
        assertThat(directory(one).named("two")).isEmpty();
    }

    @Test
    void keysComeAndGoWithWhatATenantDeclares() {
        TenantDirectory directory = directory(tenancy("one", key("a", Optional.empty()), key("b", Optional.empty())),
                tenancy("two", key("c", Optional.empty())));
        Tenancy changed = tenancy("one", key("b", Optional.empty()), key("d", Optional.empty()));
        directory.put(List.of(changed));
        assertThat(directory.find(KeyDigest.of("a"))).isEmpty();
        assertThat(directory.find(KeyDigest.of("b"))).containsSame(changed);
        assertThat(directory.find(KeyDigest.of("d"))).containsSame(changed);
        directory.retain(Set.of("two"));
        assertThat(directory.find(KeyDigest.of("b"))).isEmpty();
        assertThat(directory.find(KeyDigest.of("c"))).isPresent();
        assertThat(directory.named("one")).isEmpty();
    }

    @Test
    void keyThatGoesToAnotherTenantIsKnownAllTheWhile() throws Exception {
        Tenancy one = tenancy("one", key("a", Optional.empty()), key("shared", Optional.empty()));
        Tenancy two = tenancy("two", key("b", Optional.empty()));
        Tenancy poorer = tenancy("one", key("a", Optional.empty()));
        Tenancy richer = tenancy("two", key("b", Optional.empty()), key("shared", Optional.empty()));
        TenantDirectory directory = directory(one, two);
        KeyDigest shared = KeyDigest.of("shared");
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
            Future<Long> missed = reader.submit(() -> {
                long missing = 0;
                while (!over.get()) {
                    missing += directory.find(shared).isEmpty() ? 1 : 0;
                }
                return missing;
            });
            for (int i = 0; i < 5000; i++) {
                directory.put(i % 2 == 0 ? List.of(poorer, richer) : List.of(one, two));
            }
            over.set(true);
            assertThat(missed.get()).isZero();
        }
        assertThat(directory.find(shared)).containsSame(one);
    }

    @Test
    void keyIsRefusedFromTheMomentOfItsExpiry() {
        Instant end = ManualTime.START.plus(Duration.ofDays(3));
        TenantDirectory tenancies = directory(
                tenancy("one", key("old", Optional.of(end)), key("new", Optional.empty())));
        time.advance(Duration.ofDays(3).minusNanos(1));
        assertThat(tenancies.find(KeyDigest.of("old"))).isPresent();
        time.advanceNanos(1);
        assertThat(tenancies.find(KeyDigest.of("old"))).isEmpty();
        assertThat(tenancies.find(KeyDigest.of("new"))).isPresent();
    }
}
