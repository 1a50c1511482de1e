package sluice.rehearsal;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.calls.PastCall;
import sluice.calls.PastUse;
import sluice.openai.Endpoint;
import sluice.openai.ModelGlob;
import sluice.price.Unpriced;
import sluice.quota.Ending;
import sluice.quota.InFlight;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.quota.Outstanding;
import sluice.quota.QuotaBucket;
import sluice.quota.Spending;
import sluice.quota.Spendings;
import sluice.quota.TenantQuota;
import sluice.quota.UserBuckets;
import sluice.quota.Verdict;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenant;
import sluice.time.Time;

/** The limits of one tenant, which calls of the past meet in the order in which the gateway's stages would ask. */
final class TenantRehearsal {
    private static final Map<String, Endpoint> ENDPOINTS = endpoints();

    /**
     * What became of a call.
     *
     * @param refusedBy the limit or rule, or empty
     * @param end       gives back what it holds, once it is over
     */
    record Met(Optional<String> refusedBy, Runnable end) {

        static Met refused(String by) {
            return new Met(Optional.of(by), () -> {});
        }

        static Met granted(Runnable end) {
            return new Met(Optional.empty(), end);
        }
    }

    private final Tenant tenant;
    private final Rules rules;
    private final InFlight inFlight;
    private final TenantQuota quota;
    private final Spendings spending;

    /**
     * What holds for all tenants.
     *
     * @param hitsCount whether an answer from the cache counts as a request
     * @param unpriced  what happens to calls without a price where there is a budget
     */
    record Rules(Spending.Rules budgets, boolean hitsCount, Unpriced unpriced) {}

    TenantRehearsal(Tenant tenant, Rules rules, Before before, Time time) {
        this.tenant = tenant;
        this.rules = rules;
        Outstanding outstanding = new Outstanding();
        this.inFlight = new InFlight(tenant.limits().concurrent(), false, (limit, granted) -> {}, outstanding);
        this.quota = new TenantQuota(tenant.limits(), false, buckets(before, time), (limit, granted) -> {},
                outstanding);
        Map<String, Spending> ofTags = new HashMap<>();
        tenant.tags().budgets().forEach((tag, budgets) -> {
            Spending ofTag = new Spending(tag, rules.budgets(), period -> 0, SILENT, outstanding, time,
                    Optional.empty());
            ofTag.change(budgets, false, rules.budgets());
            ofTags.put(tag, ofTag);
        });
        Spending overall = new Spending("", rules.budgets(), period -> before.spent(tenant.name(), period), SILENT,
                outstanding, time, Optional.empty());
        overall.change(tenant.limits().budgets(), false, rules.budgets());
        this.spending = new Spendings(overall, ofTags);
    }

    private static final Spending.Observer SILENT = new Spending.Observer() {
        @Override
        public void decided(String budget, boolean granted) {
            // The caller is told.
        }

        @Override
        public void nearlySpent(String budget) {
            // Nobody is warned of the past.
        }
    };

    private TenantQuota.Buckets buckets(Before before, Time time) {
        UserBuckets users = new UserBuckets((name, limit) -> LocalBucket.of(limit, time), time);
        return new TenantQuota.Buckets() {
            @Override
            public QuotaBucket of(String name, Limit limit) {
                return limit.kind().daily()
                        ? LocalBucket.of(limit, Math.max(0, limit.amount() - used(name, limit, before)), time)
                        : LocalBucket.of(limit, time);
            }

            @Override
            public QuotaBucket ofUser(String user, Limit limit) {
                return users.of(user, limit);
            }
        };
    }

    /** In the last day; the name of a limit of some models ends with their pattern. */
    private long used(String name, Limit limit, Before before) {
        int space = name.indexOf(' ');
        ModelGlob models = new ModelGlob(space < 0 ? "*" : name.substring(space + 1));
        return before.lastDay(tenant.name(), models::matches,
                limit.kind().unit() == Limit.Unit.REQUESTS ? PastUse::calls : PastUse::tokens);
    }

    Tenant tenant() {
        return tenant;
    }

    /** A call arrives, and would use this. */
    Met meet(PastCall call, Estimates.Use use) {
        Endpoint endpoint = ENDPOINTS.get(call.endpoint());
        if (endpoint != null && !endpoint.own() && !tenant.mayCall(endpoint.endpointClass())) {
            return Met.refused("endpoints");
        }
        if (endpoint != null && !endpoint.own() && new Tags(call.tags()).lacks(tenant.tags().required()) != null) {
            return Met.refused("tags.required");
        }
        Optional<InFlight.Slot> slot = inFlight.tryAcquire();
        if (slot.isEmpty()) {
            return Met.refused("concurrent");
        }
        Met met = admitted(call, use, endpoint);
        if (met.refusedBy().isPresent()) {
            slot.get().close();
            return met;
        }
        return Met.granted(() -> {
            met.end().run();
            slot.get().close();
        });
    }

    private Met admitted(PastCall call, Estimates.Use use, @Nullable Endpoint endpoint) {
        if (endpoint != null && !endpoint.countsAsRequest()) {
            return Met.granted(() -> {});
        }
        return switch (quota.takeRequest().result()) {
            case Verdict.Refused refused -> Met.refused(name(refused));
            case Verdict.Granted(var request) -> {
                if (!call.model().isEmpty() && !tenant.mayUse(call.model())) {
                    request.close(Ending.NOT_RUN);
                    yield Met.refused("models");
                }
                if (call.fromCache()) {
                    yield Met.granted(() -> request.close(rules.hitsCount() ? Ending.AS_RESERVED : Ending.NOT_SENT));
                }
                request.close(Ending.AS_RESERVED);
                yield endpoint == null || !endpoint.needsPermit() ? Met.granted(() -> {}) : funded(call, use);
            }
        };
    }

    private Met funded(PastCall call, Estimates.Use use) {
        if (call.unpriced() && spending.isLimited(call.tags()) && rules.unpriced() == Unpriced.REFUSE) {
            return Met.refused("unpriced");
        }
        return switch (spending.take(call.tags(), use.picodollars()).result()) {
            case Spending.Answer.Refused refused -> Met.refused(refused.name());
            case Spending.Answer.Granted(var hold) -> switch (quota
                    .takeTokens(call.model(), call.user(), use.tokens(), use.tokens()).result()) {
                case Verdict.Refused refused -> {
                    hold.close(0);
                    yield Met.refused(name(refused));
                }
                case Verdict.Granted(var reservation) -> Met.granted(() -> {
                    reservation.close(Ending.AS_RESERVED);
                    hold.close(use.picodollars());
                });
            };
        };
    }

    private static String name(Verdict.Refused refused) {
        return refused.waitNanos() == Verdict.NEVER ? refused.name() + ", larger than the limit" : refused.name();
    }

    private static Map<String, Endpoint> endpoints() {
        Map<String, Endpoint> all = new HashMap<>();
        for (Endpoint endpoint : Endpoint.values()) {
            all.put(endpoint.label().toLowerCase(Locale.ROOT), endpoint);
        }
        return all;
    }
}
