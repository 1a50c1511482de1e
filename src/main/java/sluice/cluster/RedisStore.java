package sluice.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import sluice.net.ScopedClient;
import sluice.time.Time;

/**
 * Redis over one pipelined connection on one event loop. While the breaker is open no call waits for it: a connection
 * is tried in the background, and serves once it has answered several greetings within the time a call would wait. A
 * slower one keeps being greeted, and what it says is still used.
 */
final class RedisStore implements Store {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);
    private static final long RETRY_MILLIS = 200;
    private static final long CONNECT_MILLIS = 2_000;
    /** After this many slow answers at start, the gateway continues without the store. */
    private static final int SLOW_AT_START = 5;
    /** By then the other connections to a Redis that is gone have noticed too. */
    private static final long NOTICED_MILLIS = 1_000;

    /**
     * What it is for.
     *
     * @param level   of the line in the log about an outage, as grave as the alert: WARN where calls are still served,
     *                and within their limits
     * @param without what happens while it cannot be reached
     * @param keeps   whether it must never evict keys
     * @param chief   a connection to the same Redis, whose outage is not told a second time
     */
    record Use(Level level, String without, boolean keeps, Optional<RedisStore> chief) {
        static Use limits(RedisSettings settings) {
            return new Use(settings.worstLoss() == StoreLoss.SHARE ? Level.WARN : Level.ERROR,
                    switch (settings.onLoss()) {
                        case SHARE -> "each replica enforces its share of every limit (redis.on-store-loss: share)"
                                + (settings.closed().isEmpty() ? "" : ", and closed-accounts serve nothing");
                        case OPEN -> "shared limits refuse nothing (redis.on-store-loss: open)";
                        case CLOSED -> "calls under shared limits are refused (redis.on-store-loss: closed)";
                    }, true, Optional.empty());
        }
    }

    /** A connection with its own client, since a pool would hand out a hung connection again. */
    private record Session(ScopedClient<Redis> client, RedisConnection connection) {}

    private final Map<Script, String> texts = new EnumMap<>(Script.class);
    private final Map<Script, String> digests = new EnumMap<>(Script.class);
    private final Vertx vertx;
    private final Context loop;
    private final RedisOptions options;
    /** A tenth less than a call may wait, since timers fire late on a busy machine. */
    private final long timeoutMillis;
    private final Breaker breaker;
    private final StoreObserver observer;
    private final Time time;
    private final Use use;
    private final Mending mending = new Mending();
    private final Eviction eviction = new Eviction();
    private Supplier<Future<Void>> greeting = Future::succeededFuture;
    private Promise<Void> tried = Promise.promise();
    private int slow;
    private @Nullable Session line;
    private boolean everReached;
    private boolean away;
    private boolean toldAway;
    private volatile boolean closed;

    /**
     * Connects to nothing yet.
     *
     * @param loop the event loop of the connection, on which answers arrive
     */
    RedisStore(Vertx vertx, Context loop, RedisSettings settings, StoreObserver observer, Time time) {
        this(vertx, loop, settings, Use.limits(settings), observer, time);
    }

    /** As above, for another use than limits. */
    RedisStore(Vertx vertx, Context loop, RedisSettings settings, Use use, StoreObserver observer, Time time) {
        this.use = use;
        this.vertx = vertx;
        this.loop = loop;
        this.options = RedisAddress.options(settings);
        this.timeoutMillis = Math.max(1, settings.timeout().toMillis() * 9 / 10);
        this.breaker = new Breaker(settings.timeout(), time.nanos());
        this.observer = observer;
        this.time = time;
        for (Script script : Script.values()) {
            String text = script.text(Script.CLOCK);
            texts.put(script, text);
            digests.put(script, sha1(text));
        }
    }

    /**
     * Starts connecting.
     *
     * @param greeting what a connection must answer in time before it serves
     * @return complete when it serves or is known not to
     */
    public Future<Void> start(Supplier<Future<Void>> greeting) {
        this.greeting = greeting;
        loop.runOnContext(now -> connect());
        return tried.future();
    }

    @Override
    public boolean reachable() {
        return breaker.closed();
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
    public Future<Reply> run(Script script, List<String> keys, List<String> arguments) {
        if (!breaker.closed()) {
            return Future.failedFuture(new StoreAway());
        }
        Promise<Reply> answer = Promise.promise();
        loop.runOnContext(now -> ask(script, keys, arguments, timeoutMillis).onComplete(answer));
        return answer.future();
    }

    /**
     * Like {@link #run}, but also while the breaker is open: for greetings, on the loop that greets. It may take
     * longer, since nobody waits for it and a process's first one is slow.
     */
    Future<Reply> greet(Script script, List<String> keys, List<String> arguments) {
        return ask(script, keys, arguments, CONNECT_MILLIS);
    }

    /** Closes the connection. */
    public Future<Void> close() {
        closed = true;
        breaker.open(time.nanos());
        tried.tryComplete();
        Promise<Void> over = Promise.promise();
        loop.runOnContext(now -> {
            Future<Void> ended = line == null
                    ? Future.succeededFuture()
                    : line.client().close(Redis::close);
            line = null;
            ended.onComplete(over);
        });
        return over.future();
    }

    private Future<Reply> ask(Script script, List<String> keys, List<String> arguments, long millis) {
        Session current = line;
        if (current == null) {
            return Future.failedFuture(new StoreAway());
        }
        long sentAt = time.nanos();
        return mending
                .ask((each, itsKeys, itsArguments) -> send(current, each, itsKeys, itsArguments), script, keys,
                        arguments)
                .timeout(millis, TimeUnit.MILLISECONDS)
                .onComplete(answer -> breaker.succeeded(time.nanos()), failure -> failed(current, failure, sentAt));
    }

    private Future<Reply> send(Session to, Script script, List<String> keys, List<String> arguments) {
        observer.asked(script);
        return to.connection().send(request(Command.EVALSHA, digests.get(script), keys, arguments))
                .recover(failure -> String.valueOf(failure.getMessage()).startsWith("NOSCRIPT")
                        ? to.connection().send(request(Command.EVAL, texts.get(script), keys, arguments))
                        : Future.failedFuture(failure))
                .map(RedisStore::reply);
    }

    private static Reply reply(@Nullable Response response) {
        return Reply.of(Objects.requireNonNull(response, "scripts answer"));
    }

    private static Request request(Command command, @Nullable String script, List<String> keys,
            List<String> arguments) {
        Request request = Request.cmd(command).arg(String.valueOf(script)).arg(keys.size());
        keys.forEach(request::arg);
        arguments.forEach(request::arg);
        return request;
    }

    private void failed(Session of, Throwable failure, long sentAt) {
        observer.failed();
        if (Mending.unreadable(failure)) {
            breaker.succeeded(time.nanos());
        } else if (breaker.failed(sentAt, time.nanos())) {
            lost(of, failure.getMessage());
        }
    }

    private void lost(Session of, @Nullable String why) {
        if (!of.equals(line)) {
            return;
        }
        line = null;
        of.client().close(Redis::close);
        breaker.open(time.nanos());
        away(why);
        later(this::connect);
    }

    /** Logs one line per outage, however long it lasts and however many connections meet it. */
    private void away(@Nullable String why) {
        if (!away && !closed) {
            away = true;
            if (use.chief().isEmpty()) {
                tellAway(why);
            } else {
                tellIfAlone(why, use.chief().get());
            }
        }
        tried.tryComplete();
    }

    private void tellAway(@Nullable String why) {
        String told = "redis cannot be reached; " + use.without() + ": " + why;
        LOG.atLevel(use.level()).log(told);
        observer.away(told);
        toldAway = true;
    }

    private void tellIfAlone(@Nullable String why, RedisStore chief) {
        vertx.setTimer(NOTICED_MILLIS, rung -> loop.runOnContext(now -> {
            if (!away || closed) {
                return;
            }
            if (chief.reachable()) {
                tellAway(why);
            } else {
                tellIfAlone(why, chief);
            }
        }));
    }

    private void back() {
        if (toldAway || use.chief().isEmpty()) {
            LOG.info(everReached ? "redis can be reached again" : "redis can be reached");
            observer.back();
        }
        everReached = true;
        toldAway = false;
        away = false;
    }

    private void later(Runnable task) {
        if (!closed) {
            vertx.setTimer(RETRY_MILLIS, rung -> loop.runOnContext(now -> task.run()));
        }
    }

    private void connect() {
        if (closed) {
            return;
        }
        ScopedClient<Redis> client = ScopedClient.open(vertx, () -> Redis.createClient(vertx, options));
        client.get().connect().timeout(CONNECT_MILLIS, TimeUnit.MILLISECONDS).onSuccess(connection -> {
            Session fresh = new Session(client, connection);
            line = fresh;
            connection.exceptionHandler(broken -> loop.runOnContext(now -> lost(fresh, broken.getMessage())));
            connection.endHandler(ended -> loop.runOnContext(now -> lost(fresh, new StoreAway().getMessage())));
            if (use.keeps()) {
                eviction.look(connection);
            }
            for (String text : texts.values()) {
                connection.send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(text));
            }
            greet(fresh);
        }).onFailure(failure -> {
            client.close(Redis::close);
            away(failure.getMessage());
            later(this::connect);
        });
    }

    /** Greets a connection until it has answered in time often enough in a row to serve. */
    private void greet(Session fresh) {
        if (!fresh.equals(line)) {
            return;
        }
        long sentAt = time.nanos();
        greeting.get().onSuccess(greeted -> greeted(fresh, time.nanos() - sentAt))
                .onFailure(failure -> lost(fresh, failure.getMessage()));
    }

    private void greeted(Session fresh, long tookNanos) {
        boolean inTime = tookNanos <= TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        if (breaker.tried(inTime, time.nanos())) {
            back();
            slow = 0;
            tried.tryComplete();
            return;
        }
        slow = inTime ? slow : slow + 1;
        if (slow >= SLOW_AT_START) {
            away("it answers after " + TimeUnit.NANOSECONDS.toMillis(tookNanos) + " ms, and redis.timeout is less");
        }
        if (inTime && !breaker.wary()) {
            greet(fresh);
        } else {
            later(() -> greet(fresh));
        }
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
