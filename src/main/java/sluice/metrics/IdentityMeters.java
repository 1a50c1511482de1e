package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What happened to callers' tokens, and whether the keys of their issuers can be read. */
public final class IdentityMeters {
    private final MeterRegistry registry;
    private final Map<String, OwnGauges> keys = new ConcurrentHashMap<>();

    IdentityMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** A token was accepted on first sight. */
    public void accepted(String issuer) {
        Counter.builder("sluice.identity.accepted").description("Tokens accepted on first sight")
                .tag("issuer", issuer).register(registry).increment();
    }

    /** A token was rejected. */
    public void rejected(String why) {
        Counter.builder("sluice.identity.rejected").description("Tokens rejected")
                .tag("reason", why.toLowerCase(Locale.ROOT)).register(registry).increment();
    }

    /** Whether the issuer's keys could be read last time. */
    public void keys(String issuer, boolean read) {
        keys.computeIfAbsent(issuer, fresh -> new OwnGauges(registry)).show(List.of(
                new OwnGauges.Shown("sluice.identity.keys.read",
                        "1 if the issuer's keys could be read last time, else 0",
                        Tags.of("issuer", issuer), () -> read ? 1 : 0)));
    }

    /** Nothing is known of other issuers any more. */
    public void retain(Set<String> issuers) {
        keys.forEach((issuer, gauges) -> gauges.showOnlyIf(issuers.contains(issuer)));
    }
}
