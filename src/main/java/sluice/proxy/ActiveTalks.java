package sluice.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The WebSockets that one event loop is relaying now. */
final class ActiveTalks {
    private final Set<Talk> talks = new HashSet<>();

    void add(Talk talk) {
        talks.add(talk);
    }

    void remove(Talk talk) {
        talks.remove(talk);
    }

    /** Each ends as soon as no answer is under way in it. */
    void leave() {
        List.copyOf(talks).forEach(Talk::leave);
    }

    /** All end at once, since the gateway must end. */
    void end() {
        List.copyOf(talks).forEach(Talk::end);
    }
}
