package sluice.cache;

import java.util.Optional;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The calls in flight whose answers others may follow: by prompt, and by the names that their callers gave them. At most
 * as many as there are calls in flight.
 */
public final class Flights {

    /** How a call continues. */
    public sealed interface Boarding {

        /** It makes the answer; others may follow it. */
        record Leads(Leader leader) implements Boarding {}

        /** It follows an identical one. */
        record Follows(Follower follower) implements Boarding {}

        /** Its name belongs to a call that asks for something else. */
        record Reused() implements Boarding {}

        /** It repeats a call in flight whose answer can no longer be shared. */
        record TooLate() implements Boarding {}
    }

    /** A flight as it is known by the name of a call. */
    private record Named(String asks, Flight flight) {}

    private final ConcurrentMap<PromptKey, Flight> running = new ConcurrentHashMap<>();
    private final ConcurrentMap<PromptKey, Named> named = new ConcurrentHashMap<>();
    /** Held while names are given or move, before the lock of any flight. */
    private final Object naming = new Object();
    private final AtomicInteger followers = new AtomicInteger();
    private volatile boolean joins;

    /** @param joins whether identical calls join; repeats always do */
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
        return board(key, alone(patience), patience, loop);
    }

    /** Follows the call that this one repeats, or leads its repeats to come. */
    public Boarding board(Repeat repeat, Flight.Patience patience, Executor loop) {
        synchronized (naming) {
            Named other = named.get(repeat.name());
            if (other == null || other.flight().isOver()) {
                Leader leader = alone(patience);
                leader.flight().takeOver(List.of(repeat), List.of());
                named.put(repeat.name(), new Named(repeat.asks(), leader.flight()));
                return new Boarding.Leads(leader);
            }
            return !other.asks().equals(repeat.asks())
                    ? new Boarding.Reused()
                    : other.flight().follow(loop).<Boarding>map(Boarding.Follows::new).orElseGet(Boarding.TooLate::new);
        }
    }

    /** Follows the identical call in flight, together with those that follow this leader, or leads with it. */
    public Boarding board(PromptKey key, Leader leader, Flight.Patience patience, Executor loop) {
        if (!joins) {
            return new Boarding.Leads(leader);
        }
        leader.flight().answers(key);
        while (true) {
            Flight other = running.putIfAbsent(key, leader.flight());
            if (other == null) {
                return new Boarding.Leads(leader);
            }
            Optional<Follower> follower = other.follow(patience, loop);
            if (follower.isPresent()) {
                moveOver(leader, other);
                return new Boarding.Follows(follower.get());
            }
            if (!other.isClosed()) {
                return new Boarding.Leads(leader);
            }
            running.remove(key, other);
        }
    }

    private void moveOver(Leader from, Flight to) {
        List<Repeat> repeats = from.flight().repeats();
        if (!repeats.isEmpty()) {
            synchronized (naming) {
                if (from.handOver(to)) {
                    repeats.forEach(repeat -> named.put(repeat.name(), new Named(repeat.asks(), to)));
                }
            }
            from.disband();
        }
    }

    /** Makes a call of its own, which nobody can join yet. */
    public Leader alone(Flight.Patience patience) {
        return new Flight(patience, this, followers).leader();
    }

    /** Nobody can join it any more. */
    void landed(Flight flight) {
        PromptKey prompt = flight.prompt();
        if (prompt != null) {
            running.remove(prompt, flight);
        }
    }

    /** Its call is over. */
    void over(Flight flight) {
        flight.repeats().forEach(repeat -> named.remove(repeat.name(), new Named(repeat.asks(), flight)));
    }

    /** How many calls are receiving the answer of another, or waiting for it to begin. */
    public int followers() {
        return followers.get();
    }
}
