package sluice.proxy.socket;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sluice.openai.SocketEvent;

/**
 * The model calls of one WebSocket, requested or begun, and which of them an event is about. Lanes run side by side, so the
 * order of messages says nothing across them.
 */
final class ModelRuns {
    /** Whether errors name the message that they refuse. */
    private final boolean errorsNameMessages;
    private final List<ModelRun> asked = new ArrayList<>();
    private final List<ModelRun> running = new ArrayList<>();

    ModelRuns(boolean errorsNameMessages) {
        this.errorsNameMessages = errorsNameMessages;
    }

    /** How many there are. */
    int size() {
        return asked.size() + running.size();
    }

    void asked(ModelRun run) {
        asked.add(run);
    }

    void begun(ModelRun run, String response) {
        run.begun(response);
        running.add(run);
    }

    void over(ModelRun run) {
        running.remove(run);
    }

    /** The one that begins with this event, no longer pending; null if nobody requested it. */
    @Nullable
    ModelRun taken(SocketEvent started) {
        ModelRun run = started.continues().isEmpty()
                ? first(asked, each -> inLane(each, started) && !each.asked().steers())
                : continued(started);
        if (run != null) {
            asked.remove(run);
        }
        return run;
    }

    /** A message that continues an answer goes before one that steers it: it carries what was steered with it. */
    private @Nullable ModelRun continued(SocketEvent started) {
        Predicate<ModelRun> same = each -> inLane(each, started) && continues(each, started);
        ModelRun plain = first(asked, each -> same.test(each) && !each.asked().steers());
        return plain == null ? first(asked, same) : plain;
    }

    /** Those that were to steer the answer which this one continues: it answers them too. */
    List<ModelRun> steeredInto(SocketEvent started) {
        List<ModelRun> answered = new ArrayList<>();
        for (Iterator<ModelRun> all = asked.iterator(); all.hasNext();) {
            ModelRun each = all.next();
            if (each.asked().steers() && !started.continues().isEmpty() && continues(each, started)) {
                all.remove();
                answered.add(each);
            }
        }
        return answered;
    }

    /** The one that has begun and that an event is about; null if there is none. */
    @Nullable
    ModelRun about(SocketEvent event) {
        return event.response().isEmpty() ? first(running, each -> inLane(each, event)) : named(event.response());
    }

    /** The one that has begun with this id; null if there is none. */
    @Nullable
    ModelRun named(String response) {
        return first(running, each -> each.response().equals(response));
    }

    /** The pending one that an error refuses, no longer pending; null if there is none. An answer is never refused. */
    @Nullable
    ModelRun refused(SocketEvent error) {
        ModelRun run = error.continues().isEmpty()
                ? first(asked, each -> inLane(each, error) && isNamed(each, error.askedBy()))
                : first(asked, each -> each.asked().steers() && continues(each, error));
        if (run != null) {
            asked.remove(run);
        }
        return run;
    }

    private boolean isNamed(ModelRun run, String eventId) {
        return run.asked().eventId().equals(eventId) || (eventId.isEmpty() && !errorsNameMessages);
    }

    private static boolean continues(ModelRun run, SocketEvent event) {
        return run.asked().continues().equals(event.continues());
    }

    /** An upstream without lanes names none. */
    private static boolean inLane(ModelRun run, SocketEvent event) {
        return event.lane().isEmpty() || run.asked().lane().equals(event.lane());
    }

    private static @Nullable ModelRun first(List<ModelRun> runs, Predicate<ModelRun> wanted) {
        for (ModelRun each : runs) {
            if (wanted.test(each)) {
                return each;
            }
        }
        return null;
    }

    /** Removes and returns those that have begun. */
    List<ModelRun> dropRunning() {
        return drop(running);
    }

    /** Removes and returns those requested that have not begun. */
    List<ModelRun> dropAsked() {
        return drop(asked);
    }

    private static List<ModelRun> drop(List<ModelRun> runs) {
        List<ModelRun> all = List.copyOf(runs);
        runs.clear();
        return all;
    }
}
