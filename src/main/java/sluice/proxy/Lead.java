package sluice.proxy;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import sluice.cache.AnsweredCalls;
import sluice.cache.Leader;
import sluice.isolation.Bulkhead;
import sluice.proxy.Found.Miss;

/**
 * A call's lead over those that get its answer too. The call continues without its caller as long as others follow, and,
 * if its caller has named it, for a while longer, so that a repeat finds the answer. Used on the call's event loop.
 */
public final class Lead implements BooleanSupplier {

    /**
     * How calls continue without anybody.
     *
     * @param places   as many may at once
     * @param answered says for how long
     */
    public record Continuing(Vertx vertx, Bulkhead places, AnsweredCalls answered) {}

    private final Miss miss;
    private final Leader leader;
    private final Optional<Leader> flight;
    private final Continuing continuing;
    private OptionalLong timer = OptionalLong.empty();
    private boolean ended;

    /** Leads the flight of this call. */
    public Lead(Miss miss, Leader leader, Continuing continuing) {
        this.miss = miss;
        this.leader = leader;
        this.flight = Optional.of(leader);
        this.continuing = continuing;
    }

    /** The flight that it leads. */
    Optional<Leader> flight() {
        return flight;
    }

    /** Whether the answer is wanted although the caller has left. */
    @Override
    public boolean getAsBoolean() {
        return leader.isFollowed() || continues();
    }

    /** Followers have come or gone. */
    public void changed() {
        if (leader.isFollowed()) {
            giveBack();
        }
        miss.departure().reconsider();
    }

    private boolean continues() {
        if (ended || !leader.mayBeRepeated()) {
            return false;
        }
        if (timer.isEmpty()) {
            begin();
        }
        return !ended;
    }

    /** From now on it does not count as one of its tenant's calls in flight, so that the repeat has room. */
    private void begin() {
        Duration most = continuing.answered().settings().continueFor();
        if (most.isZero() || !continuing.places().take(miss.holder(), 1).given()) {
            ended = true;
            return;
        }
        timer = OptionalLong.of(continuing.vertx().setTimer(most.toMillis(), over -> {
            end();
            miss.departure().reconsider();
        }));
        miss.ask().admitted().permit().close();
    }

    private void end() {
        ended = true;
        giveBack();
    }

    private void giveBack() {
        timer.ifPresent(id -> {
            continuing.vertx().cancelTimer(id);
            continuing.places().giveBack(miss.holder(), 1);
        });
        timer = OptionalLong.empty();
    }

    /** The call is over. */
    void close() {
        end();
        leader.close();
    }
}
