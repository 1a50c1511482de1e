package sluice.proxy.attempt;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import sluice.account.Grant;
import sluice.account.Lease;
import sluice.account.LiveAccount;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.openai.Endpoint;
import sluice.proxy.Attempt.Granted;
import sluice.proxy.Attempt.Past;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Serving;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.schedule.Affinity;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Decision;
import sluice.schedule.Need;
import sluice.schedule.Permit;
import sluice.schedule.Place;
import sluice.schedule.Scheduler;
import sluice.upstream.UpstreamClient;

/** Waits for a permit to send the call to some account, and for a free connection to it. */
public final class Schedule implements Stage<Funded, Granted> {
    private final Vertx vertx;
    private final Scheduler scheduler;
    private final UpstreamClient upstream;
    private final Map<String, LiveAccount> accounts;
    private final Serving serving;
    private final long leastWaitNanos;

    public Schedule(Vertx vertx, Scheduler scheduler, UpstreamClient upstream, Map<String, LiveAccount> accounts,
            Duration leastWait) {
        this.vertx = vertx;
        this.scheduler = scheduler;
        this.upstream = upstream;
        this.accounts = accounts;
        this.serving = new Serving(accounts);
        this.leastWaitNanos = leastWait.toNanos();
    }

    @Override
    public Future<Granted> apply(Funded funded) {
        return Stage.then(ask(funded, new AnyLine(funded.ask().accounts(), funded), false),
                grant -> Future.succeededFuture(new Granted(funded, grant, Past.NONE)));
    }

    /** Asks for another attempt's permit, ahead of its tenant's later calls; at another account, if one serves it. */
    Future<Granted> again(Funded funded, String notAccount, Past past) {
        Set<String> others = serving.elsewhere(funded, notAccount);
        return ask(funded, new AnyLine(others.isEmpty() ? funded.ask().accounts() : others, funded), true)
                .map(grant -> new Granted(funded, grant, past));
    }

    /** Whether another of its accounts serves it. */
    boolean servedElsewhere(Funded funded, String account) {
        return !serving.elsewhere(funded, account).isEmpty();
    }

    /** Takes a connection for a call that spends no quota and so need not wait. */
    public Future<Granted> withoutPermit(Funded funded) {
        AnyLine lines = new AnyLine(funded.ask().accounts(), funded);
        LiveAccount account = account(funded);
        return lines.connect(account)
                ? Future.succeededFuture(new Granted(funded, new Grant(Permit.free(account), lines.line(account)),
                        Past.NONE))
                : Refusal.of(new Reason.Overloaded(Reason.Overloaded.LINES, lines.room));
    }

    /** The tenant's home account; whoever asks about a model gets the first account that serves it. */
    private LiveAccount account(Funded funded) {
        LiveAccount home = Objects.requireNonNull(accounts.get(funded.declared().home()));
        return funded.endpoint() == Endpoint.MODEL ? serving.first(funded).orElse(home) : home;
    }

    /** Asks for a new permit in place of one that was not used in time, for the connection that is already open. */
    Future<Void> renew(Granted granted) {
        Grant grant = granted.grant();
        return ask(granted.funded(), new OpenLine(grant.line()), true).map(other -> {
            grant.renew(other.permit());
            return null;
        });
    }

    private Future<Grant> ask(Funded funded, Lines lines, boolean returning) {
        Arrival arrival = funded.arrival();
        Ask ask = funded.ask();
        Context home = vertx.getOrCreateContext();
        long deadline = arrival.times().startedAt() + Math.max(leastWaitNanos, ask.patience().waitNanos());
        Place place = scheduler.ask(new Call(ask.tenancy().share(), need(funded),
                ask.patience().lane(), lines, deadline, returning, task -> home.runOnContext(now -> task.run())));
        arrival.departure().onLeave(place::leave);
        return Stage.then(place.outcome(), outcome -> {
            arrival.departure().ignore();
            return switch (outcome) {
                case Decision.Granted granted -> granted(funded, granted, lines);
                case Decision.Denied denied -> {
                    arrival.times().waited(denied.waitNanos());
                    arrival.trace().waited(denied.waitNanos());
                    yield Refusal.of(new Reason.NoPermit(denied));
                }
                case Decision.Left() -> Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
            };
        });
    }

    private static Need need(Funded funded) {
        return new Need(funded.tenant(), funded.model(), funded.serviceTier(), funded.tokens());
    }

    private static Future<Grant> granted(Funded funded, Decision.Granted granted, Lines lines) {
        Arrival arrival = funded.arrival();
        Grant grant = new Grant(granted.permit(), lines.line(granted.permit().account()));
        if (arrival.departure().gone()) {
            grant.close(Ending.NOT_SENT, 0, false);
            return Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        }
        arrival.times().waited(granted.waitNanos());
        arrival.trace().waited(granted.waitNanos());
        arrival.times().predicted(granted.predictedNanos());
        return Future.succeededFuture(grant);
    }

    /** The accounts of one call, and the line to the one granted. */
    private sealed interface Lines extends Call.Routes {
        Lease line(Capacity account);
    }

    /** A free connection of this event loop to any of several accounts. */
    private final class AnyLine implements Lines {
        private final Set<String> names;
        private final Holder holder;
        private final Optional<Affinity> affinity;
        private Room room = Room.NONE;

        AnyLine(Set<String> names, Funded funded) {
            this.names = names;
            this.holder = funded.holder();
            String shared = funded.envelope().cacheKey();
            this.affinity = shared.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Affinity.of(funded.tenant(), shared));
        }

        @Override
        public Optional<Affinity> affinity() {
            return affinity;
        }

        @Override
        public boolean allows(Capacity account) {
            return names.contains(account.name());
        }

        @Override
        public boolean connect(Capacity account) {
            room = upstream.account(account.name()).tryConnect(holder);
            return room.given();
        }

        @Override
        public Lease line(Capacity account) {
            return new Lease(upstream.account(account.name()), Objects.requireNonNull(accounts.get(account.name())),
                    scheduler, holder);
        }
    }

    /** The connection that the call already has. */
    private record OpenLine(Lease line) implements Lines {

        @Override
        public boolean allows(Capacity account) {
            return line.client().account().name().equals(account.name());
        }

        @Override
        public boolean connect(Capacity account) {
            return true;
        }

        @Override
        public Lease line(Capacity account) {
            return line;
        }
    }
}
