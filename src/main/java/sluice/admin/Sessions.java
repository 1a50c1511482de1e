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
 * The sessions of people who have logged in, by the digest of their cookie. Bounded in number and time. A cookie that was not
 * issued here opens nothing, and each login issues a new one, so no session can be planted on somebody.
 */
final class Sessions {
    private static final int MOST = 1_000;
    private static final int MOST_OF_ONE = 10;

    /**
     * A session.
     *
     * @param role  the person's role when it began
     * @param csrf  the token that pages must send with the cookie to change anything
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

    /** Begins a session and returns its cookie. Sessions of the same person with another role, name or groups end. */
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

    /** The session of a cookie; empty if there is none, or none any more. */
    synchronized Optional<Session> of(String id) {
        Optional<Session> session = Optional.ofNullable(byDigest.get(KeyDigest.of(id)));
        if (session.filter(this::isOver).isPresent()) {
            end(id);
            return Optional.empty();
        }
        return session;
    }

    /** Ends the session of a cookie, if there is one. */
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
