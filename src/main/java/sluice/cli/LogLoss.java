package sluice.cli;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.metrics.LostLines;
import sluice.time.Time;

/** Tells of log lines that are lost: among the troubles while it lasts, and in the log once that can be written again. */
final class LogLoss {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoss.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** So many looks without a lost line, and it may be over. */
    private static final int QUIET = 10;

    /** What the last look has found. */
    private sealed interface State {}

    /** @param lost in the past */
    private record Well(long lost) implements State {}

    /**
     * Lines are being lost.
     *
     * @param before how many were lost before
     * @param lost   how many are lost now
     * @param quiet  looks since the last one
     */
    private record Losing(Instant since, long before, long lost, int quiet) implements State {

        private Losing more(long now) {
            return new Losing(since, before, now, 0);
        }

        private Losing quieter() {
            return new Losing(since, before, lost, quiet + 1);
        }
    }

    /** The log has been told that it is over, and it is, unless that line is lost too. */
    private record Told(Losing of) implements State {}

    private final LostLines lines;
    private final Troubles.Sign sign;
    private final Time time;
    private State state;

    /** @param troubles where it is shown */
    LogLoss(LostLines lines, Troubles troubles, Time time) {
        this.lines = lines;
        this.sign = troubles.sign(What.LOG_LINES_LOST);
        this.time = time;
        this.state = new Well(lines.number());
    }

    /** Finds out whether lines have been lost since the last look. */
    synchronized void look() {
        long now = lines.number();
        state = switch (state) {
            case Well(long lost) when now == lost -> state;
            case Well(long lost) -> goesOn(new Losing(time.now().truncatedTo(ChronoUnit.SECONDS), lost, now, 0));
            case Losing losing when now > losing.lost() -> goesOn(losing.more(now));
            case Losing losing when losing.quiet() < QUIET -> losing.quieter();
            case Losing losing -> tell(losing);
            case Told(Losing losing) when now > losing.lost() -> goesOn(losing.more(now));
            case Told(var _) -> over(now);
        };
    }

    private State goesOn(Losing losing) {
        sign.began("log lines are lost: " + lines.why());
        return losing;
    }

    private State tell(Losing losing) {
        LOG.warn("{} log lines were lost since {}: {}", losing.lost() - losing.before(), losing.since(), lines.why());
        return new Told(losing);
    }

    private State over(long now) {
        sign.over();
        return new Well(now);
    }

    /**
     * Looks as time passes.
     *
     * @return ends that
     */
    Runnable follow(Vertx vertx) {
        long timer = vertx.setPeriodic(LOOK.toMillis(), passed -> look());
        return () -> vertx.cancelTimer(timer);
    }
}
