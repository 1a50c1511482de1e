package sluice.cluster;

import io.vertx.core.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** This process as one of several replicas: its id, its beats, and what it has learned of the others. */
public final class Replica {

    /** How often it reports that it is alive. */
    public static final Duration BEAT = Duration.ofMillis(250);

    private static final Duration ALIVE = Duration.ofSeconds(2);
    private static final Duration KEPT = Duration.ofDays(40);
    /** Ten seconds. A starved replica beats late, and must not lose its share to others for that. */
    private static final int BEATS_UNTIL_FEWER = 40;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String id;
    private final int maxReplicas;
    private final Keys keys;
    private final List<Consumer<Map<String, Duration>>> readers = new ArrayList<>();
    private final List<BiConsumer<String, String>> questionReaders = new ArrayList<>();
    private final List<Runnable> lossListeners = new ArrayList<>();
    private final List<Runnable> followers = new ArrayList<>();
    private volatile Membership membership = Membership.UNKNOWN;
    private volatile int parts;
    private int beatsWithFewer;
    private String version = "0";
    private long lastQuestion;

    /** Not known to the others yet. */
    public Replica(RedisSettings settings) {
        this.id = random();
        this.maxReplicas = settings.maxReplicas();
        this.keys = new Keys(settings.prefix());
    }

    String id() {
        return id;
    }

    Keys keys() {
        return keys;
    }

    /** Live replicas; 1 if unknown. */
    public int replicas() {
        return Math.max(1, membership.replicas());
    }

    /** Parts that limits are divided into while the store is away: the most replicas alive in the last ten seconds. */
    int parts() {
        return parts == 0 ? maxReplicas : parts;
    }

    /** The epoch of the store's data as last reported; what was used in an earlier epoch need not be reported. */
    String epoch() {
        return membership.epoch();
    }

    /** When the store started over after it had lost its data, in microseconds of its own clock; 0 if it has not. */
    long lostAt() {
        return membership.lostAt();
    }

    /** Called with all notices and their remaining time whenever they have changed; zero means forever. */
    void onNotices(Consumer<Map<String, Duration>> reader) {
        readers.add(reader);
    }

    /** Called once for each question to all replicas, with its number and text. */
    void onQuestion(BiConsumer<String, String> reader) {
        questionReaders.add(reader);
    }

    /** Called when the store has lost its data. */
    void onLoss(Runnable listener) {
        lossListeners.add(listener);
    }

    /** Run after every answered beat. */
    void onBeat(Runnable follower) {
        followers.add(follower);
    }

    /** Sends a beat, and learns what is new. */
    Future<Void> beat(Asking store) {
        return say(store).map(answer -> {
            count();
            return null;
        });
    }

    /** Makes sure, between beats, that it knows of the store's last data loss. */
    Future<Void> findOut(Asking store) {
        return say(store).mapEmpty();
    }

    private Future<Reply> say(Asking store) {
        Membership before = membership;
        return store.run(Script.BEAT, List.of(keys.replicas(), keys.epoch(), keys.notices(), keys.questions()),
                List.of(id, Long.toString(ALIVE.toMillis()), before.epoch(), random(),
                        version, Long.toString(KEPT.toMillis()), Long.toString(lastQuestion)))
                .onSuccess(answer -> learn(before, answer));
    }

    /** Others count as gone only after ten seconds. */
    private void count() {
        int living = membership.replicas();
        beatsWithFewer = living < parts ? beatsWithFewer + 1 : 0;
        if (living >= parts || beatsWithFewer >= BEATS_UNTIL_FEWER) {
            parts = living;
            beatsWithFewer = 0;
        }
    }

    /** Reports that it is no longer alive. */
    Future<Reply> leave(Asking store) {
        return store.run(Script.LEAVE, List.of(keys.replicas()), List.of(id));
    }

    /** Runs a script in the store. */
    @FunctionalInterface
    interface Asking {
        Future<Reply> run(Script script, List<String> keys, List<String> arguments);
    }

    private void learn(Membership before, Reply answer) {
        Membership now = new Membership((int) answer.number(0), answer.text(1), answer.number(2));
        String current = answer.text(3);
        boolean anew = !now.epoch().equals(before.epoch());
        membership = now;
        parts = Math.max(parts, now.replicas());
        if (anew || !current.equals(version)) {
            version = current;
            Map<String, Duration> notices = notices(answer.texts(4));
            readers.forEach(reader -> reader.accept(notices));
        }
        if (anew && !before.epoch().isEmpty()) {
            lossListeners.forEach(Runnable::run);
        }
        questions(answer.texts(5));
        followers.forEach(Runnable::run);
    }

    /** Answers of beats may overtake one another. */
    private void questions(List<String> pairs) {
        long before = lastQuestion;
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            String number = pairs.get(i);
            String text = pairs.get(i + 1);
            if (Long.parseLong(number) > before) {
                lastQuestion = Math.max(lastQuestion, Long.parseLong(number));
                questionReaders.forEach(reader -> reader.accept(number, text));
            }
        }
    }

    private static String random() {
        return HexFormat.of().toHexDigits(RANDOM.nextLong());
    }

    private static Map<String, Duration> notices(List<String> pairs) {
        Map<String, Duration> notices = new LinkedHashMap<>();
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            notices.put(pairs.get(i), Duration.ofMillis(Math.max(0, Long.parseLong(pairs.get(i + 1)))));
        }
        return notices;
    }
}
