package sluice.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import sluice.login.Flow;
import sluice.login.Person;
import sluice.tenancy.KeyDigest;
import sluice.time.Time;

/**
 * Who has logged in, by the digest of what their cookie says. Bounded in number and in time; one that is not known here was
 * never given out, so nobody can be made to use another's.
 */
final class Sessions {
    private static final int MOST = 1_000;
    private static final int MOST_OF_ONE = 10;

    /**
     * A login that holds.
     *
     * @param role  what the person might do when it began
     * @param csrf  what pages must send beside the cookie to change anything
     * @param until when it ends
     */
    record Session(Person person, Role role, String csrf, Instant until) {

        /** As logs and the audit show it: names change, subjects do not. */
        String name() {
            return person.name().equals(person.subject())
                    ? "oidc:" + person.subject()
                    : "oidc:" + person.name() + " (" + person.subject() + ")";
        }

        @Override
        public String toString() {
            return "session of " + name() + " until " + until;
        }
    }

    private final Time time;
    /** The oldest first. */
    private final Map<KeyDigest, Session> byDigest = new LinkedHashMap<>();

    Sessions(Time time) {
        this.time = time;
    }

    /** Begins one; returns what its cookie says. Those of the same person that tell otherwise of it end. */
    synchronized String begin(Person person, Role role, Duration lasts) {
        byDigest.values().removeIf(other -> isOver(other) || (other.person().subject().equals(person.subject())
                && !(other.person().equals(person) && other.role().equals(role))));
        while (ofSame(person) >= MOST_OF_ONE) {
            removeOldest(Optional.of(person));
        }
        while (byDigest.size() >= MOST) {
            removeOldest(Optional.empty());
        }
        String id = Flow.random();
        byDigest.put(KeyDigest.of(id), new Session(person, role, Flow.random(), time.now().plus(lasts)));
        return id;
    }

    /** The one that a cookie names; empty if there is none any more. */
    synchronized Optional<Session> of(String id) {
        Optional<Session> session = Optional.ofNullable(byDigest.get(KeyDigest.of(id)));
        if (session.filter(this::isOver).isPresent()) {
            end(id);
            return Optional.empty();
        }
        return session;
    }

    /** Ends the one that a cookie names, if there is one. */
    synchronized void end(String id) {
        byDigest.remove(KeyDigest.of(id));
    }

    synchronized int count() {
        byDigest.values().removeIf(this::isOver);
        return byDigest.size();
    }

    private boolean isOver(Session session) {
        return !time.now().isBefore(session.until());
    }

    private long ofSame(Person person) {
        return byDigest.values().stream().filter(each -> each.person().subject().equals(person.subject())).count();
    }

    private void removeOldest(Optional<Person> of) {
        Iterator<Session> each = byDigest.values().iterator();
        boolean removed = false;
        while (!removed && each.hasNext()) {
            Session session = each.next();
            if (of.isEmpty() || session.person().subject().equals(of.get().subject())) {
                each.remove();
                removed = true;
            }
        }
    }
}
