package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.testing.Await;
import sluice.testing.CapturedLog;
import sluice.testing.Instances;
import sluice.testing.RedisProcess;
import sluice.testing.RedisWire;
import sluice.testing.Resp;
import sluice.time.Time;

/** A Redis that is slow, emptied, evicting or used by others too is never worse than none, and is reported once. */
@Timeout(60)
class RedisTroubleTest {
    private static final int ATTEMPTS = 10;
    private static final String TCP_CLIENT = "io.vertx.core.net.impl.tcp.NetClientImpl";

    private final Vertx vertx = Vertx.vertx();
    private final List<Cluster> clusters = new ArrayList<>();
    private RedisProcess redis = RedisProcess.start();
    private CapturedLog log = CapturedLog.open();

    @BeforeEach
    void listen() {
        log.close();
        log = CapturedLog.open();
    }

    @AfterEach
    void stop() {
        clusters.forEach(cluster -> done(cluster.close()));
        done(vertx.close());
        redis.close();
        log.close();
    }

    private Cluster join(String url, boolean exact) {
        return join(url, exact, 1_000);
    }

    private Cluster join(String url, boolean exact, long timeoutMillis) {
        Cluster cluster = new Cluster(vertx, settings(url, exact, timeoutMillis), new Unobserved(), Time.system());
        done(cluster.start());
        clusters.add(cluster);
        return cluster;
    }

    private static RedisSettings settings(String url, boolean exact, long timeoutMillis) {
        return new RedisSettings(List.of(URI.create(url)), new RedisSettings.Mode.Single(), Optional.empty(),
                Optional.empty(), "test", Duration.ofMillis(timeoutMillis), 1, StoreLoss.SHARE, Set.of(),
                exact ? Set.of(new RedisSettings.ExactLimit(Optional.empty(), Limit.Kind.RPM)) : Set.of());
    }

    private static QuotaBucket limit(Cluster cluster, long perMinute) {
        return cluster.limit("bot", "rpm", new Limit(Limit.Kind.RPM, perMinute), -1);
    }

    private static boolean take(QuotaBucket bucket) {
        return done(bucket.take(1)).taken();
    }

    /** What the log says of Redis. */
    private List<String> told() {
        return log.lines().stream().filter(line -> line.startsWith("redis ")).toList();
    }

    @ParameterizedTest
    @CsvSource({"true, 60", "false, 60", "true, 200", "false, 200"})
    void slowRedisAdmitsWhatADeadOneDoes(boolean exact, long delay) {
        try (RedisWire wire = new RedisWire(redis.port()).delay(delay)) {
            QuotaBucket slow = limit(join(wire.url(), exact, 50), 600);
            QuotaBucket dead = limit(join("redis://127.0.0.1:" + RedisProcess.freePort(), exact, 50), 600);
            long withSlow = 0;
            long withDead = 0;
            while (withDead < 30) {
                withSlow += take(slow) ? 1 : 0;
                withDead += take(dead) ? 1 : 0;
            }
            assertThat(withSlow).isGreaterThanOrEqualTo(withDead - 1);
            assertThat(told()).as("one for each of the two").hasSize(2);
        }
    }

    @Test
    void eachChangeIsToldOnceHoweverSlowItIs() {
        try (RedisWire wire = new RedisWire(redis.port())) {
            Cluster cluster = join(wire.url(), true, 300);
            QuotaBucket bucket = limit(cluster, 60_000);
            for (int round = 1; round <= 2; round++) {
                wire.delay(450);
                Await.until("too slow", () -> {
                    take(bucket);
                    return !cluster.reachable();
                });
                wire.delay(0);
                Await.until("fast again, and reported", () -> told().size(), 1 + 2 * round);
                assertThat(cluster.reachable()).isTrue();
            }
            wire.delay(20);
            for (int i = 0; i < 20; i++) {
                Await.until("admitted, more slowly but in time", () -> take(bucket));
            }
            assertThat(cluster.reachable()).isTrue();
            assertThat(told()).hasSize(5);
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void emptiedRedisBeginsNoSecondLimit(boolean exact) {
        try (Resp other = new Resp(redis.port())) {
            QuotaBucket one = limit(join(redis.url(), exact), 60);
            QuotaBucket two = limit(join(redis.url(), exact), 60);
            long began = System.nanoTime();
            long admitted = 0;
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < 70; i++) {
                    admitted += take(round % 2 == 0 ? one : two) ? 1 : 0;
                }
                other.ask(List.of("FLUSHALL"));
            }
            long refilled = (System.nanoTime() - began) / 1_000_000_000 + 1;
            assertThat(admitted).isBetween(60L, 60 + refilled + (exact ? 0 : 2 * 3));
        }
    }

    @Test
    void whatAnotherProgramWroteIsReplacedAndToldOnce() {
        try (Resp other = new Resp(redis.port())) {
            Cluster cluster = join(redis.url(), true);
            QuotaBucket bucket = limit(cluster, 60_000);
            assertThat(take(bucket)).isTrue();
            for (int round = 0; round < 5; round++) {
                for (String key : List.of("test:{tenant/bot}:rpm", "test:{tenant/bot}:concurrent",
                        "test:{state}:replicas",
                        "test:{state}:epoch", "test:{state}:notices")) {
                    other.ask(List.of("SET", key, "garbage"));
                }
                Await.until("admitted", () -> take(bucket));
                assertThat(done(cluster.slots("bot", 5).take())).isTrue();
                done(cluster.notices().tell("cooldown/main", Duration.ofSeconds(1)));
                Await.until("beats", () -> "zset".equals(other.ask(List.of("TYPE", "test:{state}:replicas"))));
                assertThat(cluster.reachable()).isTrue();
            }
            assertThat(told()).as("reached, and once for each kind of message").hasSizeBetween(4, 5);
        }
    }

    @Test
    void whatIsNoNumberIsReplacedToo() {
        try (Resp other = new Resp(redis.port())) {
            Cluster cluster = join(redis.url(), true);
            QuotaBucket bucket = limit(cluster, 60_000);
            for (String field : List.of("l", "t")) {
                Await.until("admitted before", () -> take(bucket));
                other.ask(List.of("HSET", "test:{tenant/bot}:rpm", field, "garbage"));
                Await.until("admitted", () -> take(bucket));
            }
            other.ask(List.of("HSET", "test:{tenant/bot}:concurrent", "someone", "garbage"));
            assertThat(done(cluster.slots("bot", 1).take())).isTrue();
            other.ask(List.of("HSET", "test:{state}:notices", "", "garbage", "cooldown/x", "garbage"));
            done(cluster.notices().tell("cooldown/main", Duration.ofSeconds(1)));
            assertThat(cluster.reachable()).isTrue();
        }
    }

    /** Limits and shared answers have connections of their own, and notice one after the other. */
    @Test
    void outageIsToldOnceHoweverManyConnectionsMeetIt() {
        Cluster cluster = join(redis.url(), true);
        Shelf shelf = new Shelf(vertx, settings(redis.url(), false, 1_000), Optional.of(cluster), new Unobserved(),
                Time.system());
        done(shelf.start());
        for (int round = 1; round <= 2; round++) {
            redis.kill();
            Await.until("both are away", () -> !cluster.reachable() && !shelf.reachable());
            redis.restart();
            Await.until("both are back", () -> cluster.reachable() && shelf.reachable());
        }
        done(shelf.close());
        assertThat(told().stream().map(line -> line.replaceFirst(" with: .*|;.*", "")))
                .containsExactly("redis can be reached", "redis cannot be reached", "redis can be reached again",
                        "redis cannot be reached", "redis can be reached again");
    }

    /** Its own Redis may be gone alone. */
    @Test
    void attemptsToConnectLeaveNothingBehind() {
        AtomicInteger attempts = new AtomicInteger();
        NetServer refusing = done(vertx.createNetServer().connectHandler(socket -> {
            attempts.incrementAndGet();
            socket.close();
        }).listen(0, "127.0.0.1"));
        join("redis://127.0.0.1:" + refusing.actualPort(), false);
        long clients = Instances.of(TCP_CLIENT);
        int sofar = attempts.get();
        Await.until("further attempts", () -> attempts.get() > sofar + ATTEMPTS);
        Await.until("no more clients than before", () -> Instances.of(TCP_CLIENT) <= clients);
    }

    @Test
    void outageThatOnlySharedAnswersMeetIsTold() {
        Cluster cluster = join(redis.url(), true);
        Shelf shelf;
        try (RedisWire wire = new RedisWire(redis.port())) {
            shelf = new Shelf(vertx, settings(wire.url(), false, 1_000), Optional.of(cluster), new Unobserved(),
                    Time.system());
            done(shelf.start());
        }
        Await.until("told", () -> told().stream().anyMatch(line -> line.contains("answers are not shared")));
        assertThat(cluster.reachable()).isTrue();
        done(shelf.close());
    }

    @Test
    void redisThatMayEvictIsWarnedOfOnce() {
        redis.close();
        redis = RedisProcess.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        Cluster cluster = join(redis.url(), true);
        Await.until("warned of", () -> told().stream().anyMatch(line -> line.contains("noeviction")));
        redis.restart();
        Await.until("away", () -> {
            take(limit(cluster, 60));
            return told().stream().anyMatch(line -> line.contains("cannot be reached"));
        });
        Await.until("back", cluster::reachable);
        assertThat(told()).filteredOn(line -> line.contains("noeviction")).hasSize(1);
    }

    @Test
    void redisThatDoesNotTellItsConfigurationIsTrusted() {
        redis.close();
        redis = RedisProcess.start("--maxmemory-policy", "allkeys-lru", "--rename-command", "CONFIG", "");
        assertThat(take(limit(join(redis.url(), true), 60))).isTrue();
        assertThat(told()).hasSize(1);
    }

    @Test
    void redisThatCanStoreNothingIsAway() {
        try (Resp other = new Resp(redis.port())) {
            Cluster cluster = join(redis.url(), true);
            QuotaBucket bucket = limit(cluster, 60_000);
            assertThat(take(bucket)).isTrue();
            other.ask(List.of("CONFIG", "SET", "maxmemory", "1"));
            Await.until("away", () -> {
                take(bucket);
                return !cluster.reachable();
            });
            Await.until("admitted by the substitute", () -> take(bucket));
            other.ask(List.of("CONFIG", "SET", "maxmemory", "0"));
            Await.until("back, and told", () -> told().size(), 3);
            assertThat(cluster.reachable()).isTrue();
        }
    }

    private static <T> T done(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
