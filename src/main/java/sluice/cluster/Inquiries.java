package sluice.cluster;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import sluice.time.Time;

/**
 * Questions that one replica asks all others. Beats carry them, so nothing is sent while nobody asks. Each live replica answers
 * within a beat; one that has not answered after a second is reported as silent.
 */
public final class Inquiries {
    /** The longest answer, in characters. */
    public static final int LONGEST_ANSWER = 32 << 10;

    /** Asked at once by all replicas. */
    private static final int MOST_OPEN = 16;
    /** Answers in one message, so that none delays those of calls. */
    private static final int MOST_HEARD = 8;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String HOLDS_MILLIS = "1500";
    private static final String ANSWER_KEPT_MILLIS = "5000";
    private static final String KEPT_MILLIS = Long.toString(Duration.ofDays(1).toMillis());

    /**
     * What one replica answers.
     *
     * @param replica its name
     * @param answer  empty if it was silent
     */
    public record Told(String replica, Optional<String> answer) {}

    /** Too many questions are being asked at once. */
    public static final class Busy extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Busy() {
            super("too many questions are being asked at once", null, false, false);
        }
    }

    /** Runs a task after so many nanoseconds. */
    @FunctionalInterface
    interface Later {
        void after(long nanos, Runnable task);
    }

    private final Store store;
    private final Replica replica;
    private final Later later;
    private final Time time;

    Inquiries(Store store, Replica replica, Later later, Time time) {
        this.store = store;
        this.replica = replica;
        this.later = later;
        this.time = time;
    }

    /** Sets how this replica answers; if that fails, it stays silent. */
    public void answer(Function<String, Future<String>> answering) {
        replica.onQuestion((number, question) -> answering.apply(question)
                .compose(answer -> store.run(Script.ANSWER, List.of(replica.keys().answers(number)),
                        List.of(replica.id(), answer, ANSWER_KEPT_MILLIS))));
    }

    /**
     * What each living replica answers, in the order of their names, this one included; fails with {@link Busy} or if the
     * store is away.
     */
    public Future<List<Told>> ask(String question) {
        CallerPromise<Future<List<Told>>> home = new CallerPromise<>();
        store.run(Script.ASK, List.of(replica.keys().questions()),
                List.of(question, HOLDS_MILLIS, Integer.toString(MOST_OPEN), KEPT_MILLIS))
                .compose(reply -> reply.text(0).equals("0")
                        ? Future.failedFuture(new Busy())
                        : hear(reply.text(0), time.nanos(), new TreeMap<>()))
                .onComplete(told -> home.answer(told.succeeded()
                        ? Future.succeededFuture(told.result())
                        : Future.failedFuture(told.cause())));
        return home.future().compose(told -> told);
    }

    /** Collects answers until all live replicas have answered or time is up. */
    private Future<List<Told>> hear(String number, long began, Map<String, String> heard) {
        Promise<Void> pause = Promise.promise();
        later.after(LOOK_NANOS, pause::complete);
        List<String> known = new ArrayList<>(List.of(Integer.toString(MOST_HEARD)));
        known.addAll(heard.keySet());
        return pause.future()
                .compose(over -> store.run(Script.HEAR,
                        List.of(replica.keys().replicas(), replica.keys().answers(number)), known))
                .compose(reply -> {
                    List<String> living = reply.texts(0);
                    List<String> pairs = reply.texts(1);
                    for (int i = 0; i + 1 < pairs.size(); i += 2) {
                        heard.put(pairs.get(i), pairs.get(i + 1));
                    }
                    boolean over = time.nanos() - began >= PATIENCE_NANOS || heard.keySet().containsAll(living);
                    return over ? Future.succeededFuture(told(living, heard)) : hear(number, began, heard);
                });
    }

    private static List<Told> told(List<String> living, Map<String, String> heard) {
        Map<String, Told> all = new TreeMap<>();
        living.forEach(each -> all.put(each, new Told(each, Optional.empty())));
        heard.forEach((each, answer) -> all.put(each, new Told(each, Optional.of(answer))));
        return List.copyOf(all.values());
    }
}
