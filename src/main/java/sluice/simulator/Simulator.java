package sluice.simulator;

import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import sluice.time.Time;

/**
 * A running stand-in for the OpenAI API, with the quotas, answers, streams and errors of the real one. It speaks
 * HTTP/1.1 and HTTP/2 on one port and runs on one event loop. Its methods are thread-safe.
 */
public final class Simulator {
    private static final int MAX_HEAD = 64 * 1024;
    private static final int MAX_MESSAGE = 16 * 1024 * 1024;
    private static final int RESETS_MAX = 1_000_000;

    private final HttpServer server;
    private final Supplier<Future<Void>> undeploy;
    private final Statistics statistics;
    private final AtomicReference<Faults> faults;

    private Simulator(HttpServer server, Supplier<Future<Void>> undeploy, Statistics statistics,
            AtomicReference<Faults> faults) {
        this.server = server;
        this.undeploy = undeploy;
        this.statistics = statistics;
        this.faults = faults;
    }

    /**
     * Starts a simulator; the future fails if its port is taken.
     *
     * @param time the clock of the limits; delays are real
     */
    public static Future<Simulator> start(Vertx vertx, Settings settings, Time time) {
        Statistics statistics = new Statistics();
        AtomicReference<Faults> faults = new AtomicReference<>(settings.faults());
        Accounts accounts = new Accounts(settings.accounts(), settings.models(), statistics);
        Router router = Router.router(vertx);
        Dice dice = new Dice(settings.seed());
        Replies replies = new Replies(vertx, settings, faults::get, dice);
        Till till = new Till(statistics, time);
        ModelCalls calls = new ModelCalls(vertx, settings, accounts, till, replies, faults::get, dice, time);
        Desk desk = new Desk(replies, accounts, faults::get, time);
        Organization organization = new Organization(settings.accounts());
        new Steering(statistics, faults, organization, time).addTo(router);
        new Dispatcher(router, calls, desk, statistics, time).serve(Routes.all(organization));
        Sockets sockets = new Sockets(vertx, settings, accounts, till, faults::get, statistics, time);
        HttpServer server = vertx.createHttpServer(options(settings)).requestHandler(router)
                .webSocketHandshakeHandler(sockets::open).webSocketHandler(socket -> {});
        Deployable loop = context -> server.listen();
        return vertx.deployVerticle(loop)
                .map(id -> new Simulator(server, () -> vertx.undeploy(id), statistics, faults));
    }

    private static HttpServerOptions options(Settings settings) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxInitialLineLength(MAX_HEAD)
                .setWebSocketSubProtocols(List.of("realtime"))
                .setMaxWebSocketFrameSize(MAX_MESSAGE)
                .setMaxWebSocketMessageSize(MAX_MESSAGE)
                .setMaxFormAttributeSize(MAX_MESSAGE)
                .setMaxFormBufferedBytes(MAX_HEAD)
                .setHandle100ContinueAutomatically(true)
                .setHttp2RstFloodMaxRstFramePerWindow(RESETS_MAX);
        settings.certificate().ifPresent(certificate -> options.setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(certificate.certificate().toString())
                        .addKeyPath(certificate.key().toString())));
        return options;
    }

    /** The port it listens on. */
    public int port() {
        return server.actualPort();
    }

    /** Stops listening and breaks all connections, even in mid-stream. */
    public Future<Void> close() {
        return server.close().eventually(undeploy);
    }

    /** What it has received and answered. */
    public Statistics statistics() {
        return statistics;
    }

    /** Changes the faults, for requests from now on. */
    public void faults(Faults changed) {
        faults.set(changed);
    }

    /**
     * How a simulator behaves.
     *
     * @param port          0 for a free one
     * @param latency       from the end of a request to the head of its answer
     * @param chunks        pieces of text in each stream
     * @param chunkInterval between the events of a stream
     * @param seed          of the random faults
     * @param faults        the initial faults
     * @param certificate   for TLS with ALPN; plain text if empty
     * @param models        which models exist
     */
    public record Settings(String host, int port, List<SimulatedAccount> accounts, Duration latency, int chunks,
            Duration chunkInterval, long seed, Faults faults, Optional<Certificate> certificate,
            Predicate<String> models) {
        private static final Duration LONGEST = Duration.ofDays(1);

        public Settings {
            accounts = List.copyOf(accounts);
            check("port", port, port >= 0 && port <= 65_535, "0 to 65535");
            check("chunks", chunks, chunks >= 1 && chunks <= 1_000_000, "1 to 1000000");
            checkDelay("latency", latency);
            checkDelay("chunk-interval", chunkInterval);
            check("accounts", accounts.size(), !accounts.isEmpty(), "at least one");
            checkDifferent(accounts);
        }

        /**
         * One account with 1000 requests per minute, the key {@code sk-simulator} and any model, on a free loopback port.
         */
        public static Settings defaults() {
            return new Settings("127.0.0.1", 0,
                    List.of(SimulatedAccount.parse("main=" + SimulatedAccount.DEFAULT_KEY + ":rpm=1000")),
                    Duration.ZERO, 20, Duration.ZERO, 0, Faults.none(), Optional.empty(), any -> true);
        }

        public Settings withAddress(String newHost, int newPort) {
            return new Settings(newHost, newPort, accounts, latency, chunks, chunkInterval, seed, faults, certificate,
                    models);
        }

        public Settings withAccounts(SimulatedAccount... others) {
            return withAccounts(List.of(others));
        }

        public Settings withAccounts(List<SimulatedAccount> others) {
            return new Settings(host, port, others, latency, chunks, chunkInterval, seed, faults, certificate,
                    models);
        }

        public Settings withLatency(Duration toHead) {
            return new Settings(host, port, accounts, toHead, chunks, chunkInterval, seed, faults, certificate,
                    models);
        }

        public Settings withStreams(int chunksEach, Duration interval) {
            return new Settings(host, port, accounts, latency, chunksEach, interval, seed, faults, certificate,
                    models);
        }

        public Settings withSeed(long other) {
            return new Settings(host, port, accounts, latency, chunks, chunkInterval, other, faults, certificate,
                    models);
        }

        public Settings withFaults(Faults others) {
            return new Settings(host, port, accounts, latency, chunks, chunkInterval, seed, others, certificate,
                    models);
        }

        public Settings withCertificate(Path pem, Path key) {
            return new Settings(host, port, accounts, latency, chunks, chunkInterval, seed, faults,
                    Optional.of(new Certificate(pem, key)), models);
        }

        /** A call for any other model is answered with a 404. */
        public Settings withModels(Predicate<String> existing) {
            return new Settings(host, port, accounts, latency, chunks, chunkInterval, seed, faults, certificate,
                    existing);
        }

        private static void checkDelay(String name, Duration delay) {
            check(name, delay, !delay.isNegative() && delay.compareTo(LONGEST) <= 0, "0 to 1 day");
        }

        private static void checkDifferent(List<SimulatedAccount> accounts) {
            Set<String> names = new HashSet<>();
            Set<String> keys = new HashSet<>();
            for (SimulatedAccount account : accounts) {
                check("account", account.name(), names.add(account.name()), "a name of its own");
                for (String key : account.keys()) {
                    check("account", account.name(), keys.add(key), "keys that no other account has");
                }
            }
        }

        private static void check(String name, Object value, boolean good, String expected) {
            if (!good) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
            }
        }
    }

    /** A certificate chain and its key, both PEM files. */
    public record Certificate(Path certificate, Path key) {}
}
