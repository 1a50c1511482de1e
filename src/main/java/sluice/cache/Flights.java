package sluice.cache;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** The calls under way whose answers others may follow, by prompt. As many as there are calls in flight. */
public final class Flights {

    /** How a call goes on. */
    public sealed interface Boarding {

        /** It makes the answer; others may follow it. */
        record Leads(Flight.Leader leader) implements Boarding {}

        /** It follows another that asks the same. */
        record Follows(Flight.Follower follower) implements Boarding {}
    }

    private final ConcurrentMap<PromptKey, Flight> running = new ConcurrentHashMap<>();
    private final AtomicInteger followers = new AtomicInteger();
    private volatile boolean joins;

    /** @param joins whether calls join at all */
    public Flights(boolean joins) {
        this.joins = joins;
    }

    /** Changes whether calls join; those that have joined stay together. */
    public void change(boolean nowJoins) {
        joins = nowJoins;
    }

    /**
     * Follows the call that asks the same, or leads those to come.
     *
     * @param loop runs tasks on the call's event loop
     */
    public Boarding board(PromptKey key, Flight.Patience patience, Executor loop) {
        if (!joins) {
            return new Boarding.Leads(alone(key, patience));
        }
        Flight fresh = new Flight(key, patience, this::landed, followers);
        while (true) {
            Flight other = running.putIfAbsent(key, fresh);
            if (other == null) {
                return new Boarding.Leads(fresh.leader());
            }
            Optional<Flight.Follower> follower = other.follow(patience, loop);
            if (follower.isPresent()) {
                return new Boarding.Follows(follower.get());
            }
            if (!other.isOver()) {
                return new Boarding.Leads(alone(key, patience));
            }
            running.remove(key, other);
        }
    }

    /** Leads nobody. */
    public Flight.Leader alone(PromptKey key, Flight.Patience patience) {
        return new Flight(key, patience, flight -> {}, followers).leader();
    }

    private void landed(Flight flight) {
        running.remove(flight.leader().key(), flight);
    }

    /** How many calls get the answer of another now, or wait for it to begin. */
    public int followers() {
        return followers.get();
    }
}
