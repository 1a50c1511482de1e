package sluice.cache;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** The calls in flight whose answers others may follow, by prompt. At most as many as there are calls in flight. */
public final class Flights {

    /** How a call continues. */
    public sealed interface Boarding {

        /** It makes the answer; others may follow it. */
        record Leads(Flight.Leader leader) implements Boarding {}

        /** It follows an identical one. */
        record Follows(Flight.Follower follower) implements Boarding {}
    }

    private final ConcurrentMap<PromptKey, Flight> running = new ConcurrentHashMap<>();
    private final AtomicInteger followers = new AtomicInteger();
    private volatile boolean joins;

    /** @param joins whether calls join at all */
    public Flights(boolean joins) {
        this.joins = joins;
    }

    /** Changes whether calls join; those that have joined stay joined. */
    public void change(boolean nowJoins) {
        joins = nowJoins;
    }

    /**
     * Follows the identical call in flight, or leads those to come.
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

    /** Makes a call of its own, which nobody can join. */
    public Flight.Leader alone(PromptKey key, Flight.Patience patience) {
        return new Flight(key, patience, flight -> {}, followers).leader();
    }

    private void landed(Flight flight) {
        running.remove(flight.leader().key(), flight);
    }

    /** How many calls are receiving the answer of another, or waiting for it to begin. */
    public int followers() {
        return followers.get();
    }
}
