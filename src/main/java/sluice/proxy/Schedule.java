package sluice.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Set;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Exchange.Granted;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Outcome;
import sluice.schedule.Scheduler;
import sluice.upstream.UpstreamClient;

/** Waits for the right to send the call to some account, and for a free connection to it. */
final class Schedule implements Stage<Funded, Granted> {
    private final Vertx vertx;
    private final Scheduler scheduler;
    private final UpstreamClient upstream;
    private final long maxWaitNanos;

    Schedule(Vertx vertx, Scheduler scheduler, UpstreamClient upstream, long maxWaitNanos) {
        this.vertx = vertx;
        this.scheduler = scheduler;
        this.upstream = upstream;
        this.maxWaitNanos = maxWaitNanos;
    }

    @Override
    public Future<Granted> apply(Funded funded) {
        return ask(funded, new AnyLine(funded.ask().tenancy().accounts()), false);
    }

    /** Asks for the permit of a further attempt, before all who came later. */
    Future<Granted> again(Funded funded) {
        return ask(funded, new AnyLine(funded.ask().tenancy().accounts()), true);
    }

    /** Asks for a new permit in place of one that was not used in time, for the connection that is now open. */
    Future<Granted> renew(Granted granted) {
        return ask(granted.funded(), new OpenLine(granted.line()), true);
    }

    private Future<Granted> ask(Funded funded, Lines lines, boolean returning) {
        Arrival arrival = funded.arrival();
        Context home = vertx.getOrCreateContext();
        long deadline = arrival.journal().startedAt + maxWaitNanos;
        Scheduler.Place place = scheduler
                .ask(new Call(lines, deadline, returning, task -> home.runOnContext(now -> task.run())));
        arrival.departure().then(place::leave);
        return place.outcome().compose(outcome -> {
            arrival.departure().ignore();
            return switch (outcome) {
                case Outcome.Granted granted -> granted(funded, granted, lines);
                case Outcome.Denied denied -> Refusal.of(new Reason.NoPermit(denied));
                case Outcome.Left() -> Refusal.of(new Reason.ClientGone(false));
            };
        });
    }

    private static Future<Granted> granted(Funded funded, Outcome.Granted granted, Lines lines) {
        Arrival arrival = funded.arrival();
        Line line = lines.line(granted.permit().account());
        if (arrival.departure().gone()) {
            granted.permit().giveBack();
            line.close();
            return Refusal.of(new Reason.ClientGone(false));
        }
        arrival.journal().waitNanos += granted.waitNanos();
        return Future.succeededFuture(new Granted(funded, granted.permit(), line));
    }

    /** The accounts of one call, and the line to the one that is granted. */
    private sealed interface Lines extends Call.Routes {
        Line line(Capacity account);
    }

    /** A free connection of this event loop to any of the tenant's accounts. */
    private final class AnyLine implements Lines {
        private final Set<String> accounts;

        AnyLine(Set<String> accounts) {
            this.accounts = accounts;
        }

        @Override
        public boolean allows(Capacity account) {
            return accounts.contains(account.name());
        }

        @Override
        public boolean connect(Capacity account) {
            return upstream.account(account.name()).tryConnect();
        }

        @Override
        public void disconnect(Capacity account) {
            upstream.account(account.name()).disconnect();
        }

        @Override
        public Line line(Capacity account) {
            return new Line(upstream.account(account.name()), scheduler);
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
        public void disconnect(Capacity account) {
            // It stays with the call.
        }

        @Override
        public Line line(Capacity account) {
            return line;
        }
    }
}
