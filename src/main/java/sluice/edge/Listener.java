package sluice.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.account.ModelLists;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.isolation.Turnstile;
import sluice.metrics.AccessLog;
import sluice.metrics.Stopwatch;
import sluice.net.CertifiedKey;
import sluice.net.ClientAuthorities;
import sluice.net.ConnectionEnd;
import sluice.net.Connections;
import sluice.net.StrictDecoder;
import sluice.net.Timeouts;
import sluice.net.TrustedProxies;
import sluice.net.Unbound;
import sluice.proxy.ActiveCalls;
import sluice.proxy.Explain;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.Refuse;
import sluice.proxy.Report;
import sluice.proxy.RequestPath;
import sluice.proxy.Serving;
import sluice.proxy.Welcome;
import sluice.proxy.admission.Admit;
import sluice.proxy.admission.Authenticate;
import sluice.proxy.admission.Reserve;
import sluice.proxy.admission.Understand;
import sluice.proxy.attempt.Connect;
import sluice.proxy.attempt.Forward;
import sluice.proxy.attempt.ListModels;
import sluice.proxy.attempt.Relay;
import sluice.proxy.attempt.RetryRule;
import sluice.proxy.attempt.Schedule;
import sluice.proxy.attempt.TryAgain;
import sluice.proxy.body.BodyReader;
import sluice.proxy.body.BodyWatch;
import sluice.proxy.body.BodyWork;
import sluice.proxy.owned.CheckOwner;
import sluice.proxy.owned.ListObjects;
import sluice.proxy.reuse.Follow;
import sluice.proxy.reuse.Join;
import sluice.proxy.reuse.LookUp;
import sluice.proxy.reuse.Reading;
import sluice.proxy.reuse.Replay;
import sluice.proxy.socket.ActiveTalks;
import sluice.proxy.socket.Converse;
import sluice.proxy.socket.Means;
import sluice.upstream.UpstreamClient;

/** One event loop of the port that services call: opens it, builds the request path for its calls, and closes it. */
public final class Listener extends VerticleBase {

    /**
     * Where it listens and what it accepts.
     *
     * @param host             address to bind
     * @param port             0 for any free one
     * @param maxBodyBytes     the largest JSON body
     * @param maxHeldBodyBytes of all JSON bodies held at once
     * @param headTimeout      until a request head is complete, from the opening of the connection or the first bytes
     * @param bodyIdle         the longest silence within a request body
     * @param maxHeadBytes     request line and headers
     * @param maxConnections   open at once over all event loops; any more are closed at once
     * @param peers            the bounds of client connections
     * @param plainEdge        whether plain calls are read from their bytes
     * @param sockets          the bounds of WebSockets
     * @param tls              if it serves TLS
     */
    public record Settings(String host, int port, long maxBodyBytes, long maxHeldBodyBytes, Duration headTimeout,
            Duration bodyIdle, int maxHeadBytes, int maxConnections, Peers peers, PlainEdge plainEdge,
            Converse.Settings sockets, Optional<Tls> tls) {}

    /** Who reads plain calls: POST over HTTP/1.1, of JSON with a content length, for an inference route. */
    public enum PlainEdge {
        /** The gateway itself, from their bytes. */
        ON,
        /** Vert.x' server, which reads all others too. */
        OFF
    }

    /**
     * The bounds of client connections.
     *
     * @param maxConnectionsPerAddress while nobody has authenticated on them
     * @param idle                     how long a connection is kept without a call
     * @param writeIdle                how long a client may accept no byte of an answer
     * @param bodyFloor                the lowest rate of a request body after its first seconds, in bytes per second
     * @param trustedProxies           proxies that are believed about where calls come from
     */
    public record Peers(int maxConnectionsPerAddress, Duration idle, Duration writeIdle, long bodyFloor,
            TrustedProxies trustedProxies) {}

    /**
     * How it serves TLS; all files are PEM.
     *
     * @param certificate the chain
     * @param key         its private key
     * @param clients     what clients are asked for; empty if not for a certificate
     */
    public record Tls(Path certificate, Path key, Optional<Clients> clients) {}

    /**
     * What clients are asked for.
     *
     * @param authorities whose certificates are accepted
     * @param auth        whether a client must have one
     */
    public record Clients(Path authorities, Auth auth) {}

    /** Whether clients must have a certificate. */
    public enum Auth {
        /** It may have one; an invalid one is refused all the same. */
        OPTIONAL,
        /** No connection without one. */
        REQUIRED
    }

    /** A connection opens in two parts, the TCP connection and the TLS handshake; each may take its time. */
    private static final int CONNECT_PARTS = 2;

    /** What one event loop uses. */
    private record Loop(Intake intake, UpstreamClient upstream, HttpServer server) {}

    /** How long a request body may be slower than the floor. */
    private static final Duration BODY_GRACE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final ActiveCalls active;
    private final ActiveTalks talks;
    private Services services;
    private @Nullable Loop loop;
    private @Nullable AccessLog log;
    private @Nullable Connections connections;
    private @Nullable BodyWork work;
    private @Nullable Timeouts unread;
    private @Nullable Turnstile turnstile;

    /** Takes what all event loops share. */
    public Listener(Services services) {
        this.services = services;
        this.active = new ActiveCalls(services.revocations());
        this.talks = new ActiveTalks(services.revocations());
    }

    @Override
    public Future<?> start() {
        log = new AccessLog(services.time(), task -> vertx.setTimer(AccessLog.GATHER_MILLIS, over -> task.run()));
        work = new BodyWork(vertx);
        turnstile = new Turnstile(Turnstile.Loop.of((ContextInternal) context),
                services.meters().waitingForTurn());
        HttpServer server = vertx.createHttpServer(ServerOptions.of(services.listen()));
        connections = new Connections(vertx, services.connections(), new Connections.Settings(
                services.listen().headTimeout(), services.listen().peers().idle(),
                services.listen().peers().writeIdle()), services.drain(), services.time());
        unread = timeouts(services.listen().peers().writeIdle());
        loop = loop(server, UpstreamClient.open(vertx, services.upstream(), services.accounts(),
                services.listen().sockets().maxMessageBytes(), services.places(), services.time()));
        services.revocations().watch(id -> context.runOnContext(now -> {
            active.revoked(id);
            talks.revoked(id);
        }));
        PlainHeadReader plainHeads = PlainHeadReader.ofInferenceCalls();
        server.connectionHandler(connection -> {
            ConnectionEnd.handOnUnread(connection);
            connections().opened(connection, services.listen().plainEdge() == PlainEdge.ON
                    ? PlainConnection.install(connection, (ContextInternal) context, plainHeads,
                            services.listen().maxHeadBytes(), plainCalls())
                    : Connections.Shutdown.of(connection));
            if (!StrictDecoder.install(connection, services.listen().maxHeadBytes(),
                    () -> connections().headBegan(connection))) {
                LOG.error("closing a connection, since its strict HTTP decoder could not be installed");
                connection.close();
            }
        });
        server.invalidRequestHandler(request -> let(request,
                times -> current().intake().takeInvalid(request, times)));
        server.requestHandler(request -> {
            if (ConnectionEnd.isOver(request.connection())) {
                // It was queued behind a call whose caller has left; pausing it would retain its bytes forever.
                return;
            }
            request.pause();
            let(request, times -> current().intake().take(request, times));
        });
        services.drain().onClose(() -> later(() -> {
            talks.leave();
            connections().closeIdle();
        }));
        services.drain().onRefuse(() -> later(connections()::closeAll));
        return server.listen().recover(failure -> Future.failedFuture(
                Unbound.of("listen", services.listen().host(), services.listen().port(), failure)));
    }

    /** Lets a request in that Vert.x has read, unless its caller leaves before its turn. */
    private void let(HttpServerRequest request, Consumer<Stopwatch> in) {
        HttpConnection connection = request.connection();
        Stopwatch times = new Stopwatch(services.time());
        connections().headCame(connection);
        StrictDecoder.begun(connection);
        turnstile().enter(connection, () -> {
            if (request.response().closed()) {
                connections().answered(connection);
            } else {
                in.accept(times);
            }
        });
    }

    private PlainConnection.Calls plainCalls() {
        return new PlainConnection.Calls() {
            @Override
            public void headBegan(HttpConnection connection) {
                connections().headBegan(connection);
            }

            @Override
            public void take(PlainRequest request) {
                Stopwatch times = new Stopwatch(services.time());
                connections().headCame(request.connection());
                turnstile().enter(request.connection(), () -> {
                    if (!ConnectionEnd.isOver(request.connection())) {
                        current().intake().take(request, times);
                    }
                });
            }

            @Override
            public Room claim(HttpConnection connection, Holder tenant) {
                return connections().claim(connection, tenant);
            }
        };
    }

    /** New calls use these; calls in flight continue with the old ones. Completes when they are in use. */
    public Future<Void> reload(Services changed) {
        return onLoop(() -> {
            Loop before = current();
            Services inEffect = services;
            UpstreamClient upstream = before.upstream().with(vertx, changed.upstream(), changed.accounts(),
                    changed.listen().sockets().maxMessageBytes());
            try {
                services = changed;
                loop = loop(before.server(), upstream);
            } catch (Throwable failure) {
                services = inEffect;
                upstream.release();
                throw failure;
            }
            before.upstream().release();
            return Future.succeededFuture();
        });
    }

    /** A failure of the task fails the future; {@link #later} logs it. */
    private <T> Future<T> onLoop(Supplier<Future<T>> task) {
        Promise<T> done = Promise.promise();
        context.runOnContext(now -> {
            try {
                task.get().onComplete(done);
            } catch (Throwable failure) {
                done.fail(failure);
            }
        });
        return done.future();
    }

    private Future<Void> later(Runnable task) {
        return this.<Void>onLoop(() -> {
            task.run();
            return Future.succeededFuture();
        }).onFailure(failure -> LOG.error("a task on an event loop failed", failure));
    }

    private Loop current() {
        return Objects.requireNonNull(loop);
    }

    private AccessLog log() {
        return Objects.requireNonNull(log);
    }

    private Turnstile turnstile() {
        return Objects.requireNonNull(turnstile);
    }

    private Connections connections() {
        return Objects.requireNonNull(connections);
    }

    private Loop loop(HttpServer server, UpstreamClient upstream) {
        GatewayHeaders gatewayHeaders = new GatewayHeaders(services.drain());
        Refuse refuse = new Refuse(vertx, gatewayHeaders);
        Intake.Surroundings around = new Intake.Surroundings(vertx, connections(), log(),
                Objects.requireNonNull(unread));
        return new Loop(new Intake(around, services, path(gatewayHeaders, refuse, upstream), refuse,
                new Welcome(vertx, gatewayHeaders), upstream),
                upstream,
                server);
    }

    /** Uses this certificate on new connections, and accepts client certificates of these authorities there. */
    public Future<Void> renewCertificate(CertifiedKey renewed, Optional<ClientAuthorities> clients) {
        ServerSSLOptions options = ServerOptions.renewed(services.listen(), renewed, clients);
        return onLoop(() -> current().server().updateSSLOptions(options, true).mapEmpty());
    }

    /** The port it listens on. */
    public int port() {
        return loop == null ? 0 : loop.server().actualPort();
    }

    /** Cuts the answers still being relayed, and closes. Must be called on its own event loop. */
    @Override
    public Future<?> stop() {
        active.cut();
        talks.end();
        return loop == null
                ? Future.succeededFuture()
                : loop.server().close().onComplete(closed -> {
                    current().upstream().release();
                    log().close();
                }).eventually(Objects.requireNonNull(work)::close);
    }

    private RequestPath path(GatewayHeaders gatewayHeaders, Refuse refuse, UpstreamClient upstream) {
        UpstreamClient.Timeouts bounds = services.upstream().timeouts();
        Schedule schedule = new Schedule(vertx, services.scheduler(), upstream, services.capacities(),
                services.leastWait());
        BodyWork large = Objects.requireNonNull(work);
        RetryRule rule = new RetryRule(services.attempts(), services.retries(),
                bound -> ThreadLocalRandom.current().nextLong(bound));
        BodyWatch.Bounds pace = new BodyWatch.Bounds(timeouts(services.listen().bodyIdle()), timeouts(BODY_GRACE),
                services.listen().peers().bodyFloor());
        BodyReader bodies = new BodyReader(services.listen().maxBodyBytes(), pace, services.bodies());
        Reading.Surroundings reading = new Reading.Surroundings(gatewayHeaders, services.cache(),
                Objects.requireNonNull(unread), active, turnstile(), services.time());
        return new RequestPath(new RequestPath.Stages(
                new Authenticate(services.tenancies(), services.identities(), services.revocations()),
                new Admit(),
                new Understand(bodies, large, pace, services.ownership()), new CheckOwner(services.ownership()),
                new LookUp(services.cache(), services.answered(), large),
                new Replay(reading, services.recordings()),
                new Join(vertx, services.cache(), services.answered(), services.flights(), services.tiers(),
                        services.recordings(), services.continued(), services.time()),
                new Follow(reading, services.meters()),
                new Reserve(services.lengths(), services.purse(), new Serving(services.capacities())),
                schedule, schedule::withoutPermit,
                // Duration's own multiplication loads BigDecimal, which takes 50 ms of a start.
                new Connect(schedule, rule, timeouts(Duration.ofNanos(bounds.connect().toNanos() * CONNECT_PARTS)),
                        services.meters()),
                new Forward(vertx, rule, timeouts(bounds.firstByte()), services.meters(), active,
                        services.ownership(), services.time()),
                new Relay(vertx, services.cache(), services.recordings(), gatewayHeaders, timeouts(bounds.idle()),
                        Objects.requireNonNull(unread), services.meters(), active,
                        services.ownership(), services.time()),
                new ListModels(vertx, bounds.firstByte(), large, new Serving(services.capacities()),
                        new ModelLists(upstream, ListModels.MOST_BYTES, services.time()), gatewayHeaders),
                new ListObjects(vertx, bounds.firstByte(), large, gatewayHeaders, services.ownership(),
                        services.time()),
                new TryAgain(vertx, schedule, rule, services.meters()),
                new Converse(vertx, upstream, means(), talks),
                new Report(vertx, services.usage(), gatewayHeaders, services.time()),
                new Explain(vertx, services.explainer(), gatewayHeaders)),
                refuse);
    }

    private Means means() {
        return new Means(services.listen().sockets(), services.listen().peers().writeIdle(),
                services.upstream().timeouts().connect(), services.scheduler(), services.capacities(),
                services.bodies(), services.meters(), services.recorder(), services.lengths(), services.purse(),
                Objects.requireNonNull(work), turnstile(), services.ownership(), services.time());
    }

    private Timeouts timeouts(Duration length) {
        return new Timeouts(vertx, services.time(), length);
    }
}
