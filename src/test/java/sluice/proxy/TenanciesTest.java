package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.cache.AnswerCache;
import sluice.metrics.GatewayMeters;
import sluice.quota.InFlight;
import sluice.openai.EndpointClass;
import sluice.quota.Limits;
import sluice.quota.LocalBucket;
import sluice.quota.Outstanding;
import sluice.quota.TenantQuota;
import sluice.schedule.Lane;
import sluice.schedule.Share;
import sluice.schedule.Standing;
import sluice.tenant.KeyDigest;
import sluice.tenant.Tenant;
import sluice.testing.ManualTime;

class TenanciesTest {
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
                List.of("main"), Limits.NONE, false);
        Outstanding outstanding = new Outstanding();
        return new Tenancy(tenant,
                new TenantQuota(Limits.NONE, false, (label, limit) -> LocalBucket.of(limit, time.time()),
                        (limit, granted) -> {},
                        outstanding),
                new InFlight(OptionalInt.empty(), false, (limit, granted) -> {}, outstanding),
                AnswerCache.Mode.IDENTICAL, Set.of("main"), new Share(name, 1),
                new Standing(1, Duration.ZERO, Lane.INTERACTIVE), meters.tenant(name));
    }

    @Test
    void tenantIsFoundByAnyOfItsKeys() {
        Tenancy one = tenancy("one", key("a", Optional.empty()), key("b", Optional.empty()));
        Tenancy two = tenancy("two", key("c", Optional.empty()));
        Tenancies tenancies = new Tenancies(List.of(one, two), time.time());
        assertThat(tenancies.find(KeyDigest.of("a"))).containsSame(one);
        assertThat(tenancies.find(KeyDigest.of("b"))).containsSame(one);
        assertThat(tenancies.find(KeyDigest.of("c"))).containsSame(two);
        assertThat(tenancies.find(KeyDigest.of("d"))).isEmpty();
    }

    @Test
    void keyIsRefusedFromTheMomentOfItsExpiry() {
        Instant end = ManualTime.START.plus(Duration.ofDays(3));
        Tenancies tenancies = new Tenancies(
                List.of(tenancy("one", key("old", Optional.of(end)), key("new", Optional.empty()))), time.time());
        time.advance(Duration.ofDays(3).minusNanos(1));
        assertThat(tenancies.find(KeyDigest.of("old"))).isPresent();
        time.advanceNanos(1);
        assertThat(tenancies.find(KeyDigest.of("old"))).isEmpty();
        assertThat(tenancies.find(KeyDigest.of("new"))).isPresent();
    }
}
