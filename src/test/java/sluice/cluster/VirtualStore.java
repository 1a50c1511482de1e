package sluice.cluster;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.testing.ManualTime;
import sluice.testing.Resp;

/** The real scripts on a real server, by the clock of a test: it answers at once, and can be away. */
public final class VirtualStore implements Store {
    private static final String CLOCK = "local function clock() return tonumber(redis.call('GET', 'now')) end\n";
    private static final long EPOCH_MICROS = TimeUnit.DAYS.toMicros(20_000);

    private final Resp redis;
    private final ManualTime time;
    private final Map<Script, String> digests = new EnumMap<>(Script.class);
    private final Breaker breaker;
    private final Mending mending = new Mending();
    private long aheadMicros;
    private long messages;

    public VirtualStore(int port, ManualTime time) {
        this.redis = new Resp(port);
        this.time = time;
        this.breaker = new Breaker(Duration.ofMillis(50), time.nanos());
        away(false);
        for (Script script : Script.values()) {
            digests.put(script, String.valueOf(redis.ask(List.of("SCRIPT", "LOAD", script.text(CLOCK)))));
        }
    }

    /** Whether nothing of it can be reached. */
    public void away(boolean isAway) {
        if (isAway) {
            breaker.open(time.nanos());
        }
        while (!isAway && !breaker.closed()) {
            breaker.tried(true, time.nanos());
        }
    }

    /** Its clock is put forward, or back. */
    void ahead(Duration span) {
        aheadMicros = span.toNanos() / 1_000;
    }

    /** What another program says to it. */
    void tamper(String... words) {
        redis.ask(List.of(words));
    }

    /** It loses all that it knows. */
    public void forget() {
        redis.ask(List.of("FLUSHALL"));
    }

    public long messages() {
        return messages;
    }

    @Override
    public long answeredAt() {
        return breaker.succeededAt();
    }

    @Override
    public long troubledAt() {
        return breaker.troubledAt();
    }

    @Override
    public boolean reachable() {
        return breaker.closed();
    }

    @Override
    public Future<Reply> run(Script script, List<String> keys, List<String> arguments) {
        if (!breaker.closed()) {
            return Future.failedFuture(new StoreAway());
        }
        breaker.succeeded(time.nanos());
        return mending.ask(this::send, script, keys, arguments);
    }

    private Future<Reply> send(Script script, List<String> keys, List<String> arguments) {
        messages++;
        redis.ask(List.of("SET", "now", Long.toString(EPOCH_MICROS + aheadMicros + time.time().nanos() / 1_000)));
        List<String> words = new ArrayList<>(
                List.of("EVALSHA", String.valueOf(digests.get(script)), Integer.toString(keys.size())));
        words.addAll(keys);
        words.addAll(arguments);
        try {
            return Future.succeededFuture(new Reply(parts(redis.ask(words))));
        } catch (IllegalStateException refused) {
            return Future.failedFuture(refused);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Object> parts(@Nullable Object answer) {
        return (List<Object>) Objects.requireNonNull(answer);
    }

    public void close() {
        redis.close();
    }
}
