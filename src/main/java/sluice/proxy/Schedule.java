package sluice.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import sluice.account.AccountCapacity;
import sluice.account.Line;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Exchange.Granted;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Need;
import sluice.schedule.Outcome;
import sluice.schedule.Permit;
import sluice.schedule.Place;
import sluice.schedule.Scheduler;
import sluice.upstream.UpstreamClient;

/** Waits for the right to send the call to some account, and for a free connection to it. */
public final class Schedule implements Stage<Funded, Granted> {
    private final Vertx vertx;
    private final Scheduler scheduler;
    private final UpstreamClient upstream;
    private final Map<String, AccountCapacity> accounts;
    private final long leastWaitNanos;

    public Schedule(Vertx vertx, Scheduler scheduler, UpstreamClient upstream, Map<String, AccountCapacity> accounts,
            Duration leastWait) {
        this.vertx = vertx;
        this.scheduler = scheduler;
        this.upstream = upstream;
        this.accounts = accounts;
        this.leastWaitNanos = leastWait.toNanos();
    }

    @Override
    public Future<Granted> apply(Funded funded) {
        return ask(funded, new AnyLine(funded.ask().accounts(), funded.ask().tenancy().holder()), false)
                .map(grant -> new Granted(funded, grant, RetryRule.Past.NONE));
    }

    /** Asks for the permit of a further attempt, before its tenant's later calls; not of the account, if there is another. */
    Future<Granted> again(Funded funded, String notAccount, RetryRule.Past past) {
        Set<String> others = new HashSet<>(funded.ask().accounts());
        if (others.size() > 1) {
            others.remove(notAccount);
        }
        return ask(funded, new AnyLine(others, funded.ask().tenancy().holder()), true)
                .map(grant -> new Granted(funded, grant, past));
    }

    /** Takes a connection to the tenant's home account, for a call that spends no quota and so does not wait. */
    public Future<Granted> pass(Funded funded) {
        AnyLine lines = new AnyLine(funded.ask().accounts(), funded.ask().tenancy().holder());
        Capacity home = Objects.requireNonNull(accounts.get(funded.ask().tenancy().tenant().home()));
        return lines.connect(home)
                ? Future.succeededFuture(new Granted(funded, new Grant(Permit.free(home), lines.line(home)),
                        RetryRule.Past.NONE))
                : Refusal.of(new Reason.Overloaded(Reason.Overloaded.LINES, lines.room));
    }

    /** Asks for a new permit in place of one that was not used in time, for the connection that is now open. */
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
        long deadline = arrival.journal().startedAt + Math.max(leastWaitNanos, ask.patience().waitNanos());
        Place place = scheduler.ask(new Call(ask.tenancy().share(), need(funded),
                ask.patience().lane(), lines, deadline, returning, task -> home.runOnContext(now -> task.run())));
        arrival.departure().then(place::leave);
        return place.outcome().compose(outcome -> {
            arrival.departure().ignore();
            return switch (outcome) {
                case Outcome.Granted granted -> granted(funded, granted, lines);
                case Outcome.Denied denied -> {
                    arrival.journal().waitNanos += denied.waitNanos();
                    arrival.journal().trace.waited(denied.waitNanos());
                    yield Refusal.of(new Reason.NoPermit(denied));
                }
                case Outcome.Left() -> Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
            };
        });
    }

    private static Need need(Funded funded) {
        Ask ask = funded.ask();
        return new Need(ask.tenancy().tenant().name(), ask.model(), ask.body().envelope().serviceTier(),
                funded.tokens());
    }

    private static Future<Grant> granted(Funded funded, Outcome.Granted granted, Lines lines) {
        Arrival arrival = funded.arrival();
        Grant grant = new Grant(granted.permit(), lines.line(granted.permit().account()));
        if (arrival.departure().gone()) {
            grant.close(Ending.NOT_SENT, 0, false);
            return Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        }
        arrival.journal().waitNanos += granted.waitNanos();
        arrival.journal().trace.waited(granted.waitNanos());
        arrival.journal().predictedNanos += granted.predictedNanos();
        return Future.succeededFuture(grant);
    }

    /** The accounts of one call, and the line to the one that is granted. */
    private sealed interface Lines extends Call.Routes {
        Line line(Capacity account);
    }

    /** A free connection of this event loop to any of some accounts. */
    private final class AnyLine implements Lines {
        private final Set<String> names;
        private final Holder holder;
        private Room room = Room.NONE;

        AnyLine(Set<String> names, Holder holder) {
            this.names = names;
            this.holder = holder;
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
        public Line line(Capacity account) {
            return new Line(upstream.account(account.name()), Objects.requireNonNull(accounts.get(account.name())),
                    scheduler, holder);
        }
    }

    /** The connection that the call has already. */
    private record OpenLine(Line line) implements Lines {

        @Override
        public boolean allows(Capacity account) {
            return line.client().account().name().equals(account.name());
        }

        @Override
        public boolean connect(Capacity account) {
            return true;
        }

        @Override
        public Line line(Capacity account) {
            return line;
        }
    }
}
