package sluice.cluster;

import io.vertx.core.Future;
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
    private boolean away;
    private long messages;
    private long answeredAt;

    public VirtualStore(int port, ManualTime time) {
        this.redis = new Resp(port);
        this.time = time;
        this.answeredAt = time.nanos();
        for (Script script : Script.values()) {
            digests.put(script, String.valueOf(redis.ask(List.of("SCRIPT", "LOAD", script.text(CLOCK)))));
        }
    }

    /** Whether nothing of it can be reached. */
    public void away(boolean isAway) {
        away = isAway;
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
        return answeredAt;
    }

    @Override
    public boolean reachable() {
        return !away;
    }

    @Override
    public Future<Reply> run(Script script, List<String> keys, List<String> arguments) {
        if (away) {
            return Future.failedFuture(new StoreAway());
        }
        messages++;
        answeredAt = time.nanos();
        redis.ask(List.of("SET", "now", Long.toString(EPOCH_MICROS + time.time().nanos() / 1_000)));
        List<String> words = new ArrayList<>(
                List.of("EVALSHA", String.valueOf(digests.get(script)), Integer.toString(keys.size())));
        words.addAll(keys);
        words.addAll(arguments);
        return Future.succeededFuture(new Reply(parts(redis.ask(words))));
    }

    @SuppressWarnings("unchecked")
    private static List<Object> parts(@Nullable Object answer) {
        return (List<Object>) Objects.requireNonNull(answer);
    }

    public void close() {
        redis.close();
    }
}
