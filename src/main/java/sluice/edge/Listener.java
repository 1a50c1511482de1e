package sluice.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.metrics.AccessLog;
import sluice.net.ConnectionEnd;
import sluice.net.Connections;
import sluice.net.ServerCertificate;
import sluice.net.StrictDecoder;
import sluice.net.Timeouts;
import sluice.proxy.ActiveCalls;
import sluice.proxy.Admit;
import sluice.proxy.Authenticate;
import sluice.proxy.Connect;
import sluice.proxy.Forward;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.ListModels;
import sluice.proxy.LookUp;
import sluice.proxy.Refuse;
import sluice.proxy.Relay;
import sluice.proxy.Replay;
import sluice.proxy.RequestPath;
import sluice.proxy.Reserve;
import sluice.proxy.RetryRule;
import sluice.proxy.Schedule;
import sluice.proxy.TryAgain;
import sluice.proxy.Understand;
import sluice.proxy.body.BodyReader;
import sluice.proxy.body.BodyWatch;
import sluice.proxy.body.BodyWork;
import sluice.proxy.socket.ActiveTalks;
import sluice.proxy.socket.Converse;
import sluice.proxy.socket.Means;
import sluice.upstream.UpstreamClient;

/** One event loop of the port that internal services call: opens it, builds the path that its calls take, and closes it. */
public final class Listener extends VerticleBase {

    /**
     * Where it listens and what it accepts.
     *
     * @param host             address to bind
     * @param port             0: any free one
     * @param maxBodyBytes     the largest JSON body
     * @param maxHeldBodyBytes of all JSON bodies that are held at once
     * @param headTimeout      from the opening of a connection to its first complete request head
     * @param bodyIdle         the longest silence within a request body
     * @param maxHeadBytes     request line and headers
     * @param maxConnections   open at once over all event loops; a further one is closed at once
     * @param peers            how long the connections of clients are put up with
     * @param sockets          the bounds of WebSockets
     * @param tls              if it speaks TLS
     */
    public record Settings(String host, int port, long maxBodyBytes, long maxHeldBodyBytes, Duration headTimeout,
            Duration bodyIdle, int maxHeadBytes, int maxConnections, Peers peers, Converse.Settings sockets,
            Optional<Tls> tls) {}

    /**
     * How long the connections of clients are put up with.
     *
     * @param maxConnectionsPerAddress on which nobody has authenticated yet
     * @param idle                     a kept connection without a call
     * @param writeIdle                while not a byte of an answer is taken
     * @param bodyFloor                the least rate of a request body after its first seconds, in bytes a second
     */
    public record Peers(int maxConnectionsPerAddress, Duration idle, Duration writeIdle, long bodyFloor) {}

    /** A certificate chain and its private key, both PEM files. */
    public record Tls(Path certificate, Path key) {}

    /** A connection is opened in two parts, the TCP connection and the handshake of TLS; each may take its time. */
    private static final int CONNECT_PARTS = 2;

    /** What one event loop goes by. */
    private record Loop(Intake intake, UpstreamClient upstream, HttpServer server) {}

    /** In which a request body has no least rate. */
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
        HttpServer server = vertx.createHttpServer(options());
        connections = new Connections(vertx, services.connections(), new Connections.Settings(
                services.listen().headTimeout(), services.listen().peers().idle(),
                services.listen().peers().writeIdle()), services.drain(), services.time());
        unread = timeouts(services.listen().peers().writeIdle());
        loop = loop(server, UpstreamClient.open(vertx, services.upstream(), services.accounts(),
                services.listen().sockets().maxMessageBytes(), services.places()));
        services.revocations().watch(id -> context.runOnContext(now -> {
            active.revoked(id);
            talks.revoked(id);
        }));
        server.connectionHandler(connection -> {
            ConnectionEnd.handOnUnread(connection);
            connections().opened(connection);
            if (!StrictDecoder.install(connection, services.listen().maxHeadBytes(),
                    () -> connections().headBegan(connection))) {
                LOG.error("a connection is closed, since its requests could not be read strictly");
                connection.close();
            }
        });
        server.invalidRequestHandler(request -> {
            connections().headCame(request.connection());
            current().intake().takeInvalid(request);
        });
        server.requestHandler(request -> {
            if (ConnectionEnd.isOver(request.connection())) {
                // It stood behind a call whose caller has left: pausing it would keep what was read of it for ever.
                return;
            }
            connections().headCame(request.connection());
            current().intake().take(request.pause());
        });
        services.drain().onClose(() -> later(() -> {
            talks.leave();
            connections().closeIdle();
        }));
        services.drain().onRefuse(() -> later(connections()::closeAll));
        return server.listen();
    }

    /** Calls that come from now on go by this; those under way go on as they began. Complete when it is so. */
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

    /** Whatever goes wrong there fails the future, and is logged where nobody waits for it. */
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
        }).onFailure(failure -> LOG.error("an event loop could not do what it was told", failure));
    }

    private Loop current() {
        return Objects.requireNonNull(loop);
    }

    private AccessLog log() {
        return Objects.requireNonNull(log);
    }

    private Connections connections() {
        return Objects.requireNonNull(connections);
    }

    private Loop loop(HttpServer server, UpstreamClient upstream) {
        GatewayHeaders ours = new GatewayHeaders(services.drain());
        Refuse refuse = new Refuse(vertx, ours);
        Intake.Surroundings around = new Intake.Surroundings(vertx, connections(), log(),
                Objects.requireNonNull(unread));
        return new Loop(new Intake(around, services, path(ours, refuse, upstream), refuse, upstream), upstream,
                server);
    }

    /** New connections are shown this certificate. */
    public Future<Void> renewCertificate(ServerCertificate renewed) {
        return onLoop(() -> current().server().updateSSLOptions(new ServerSSLOptions().setUseAlpn(true)
                .setApplicationLayerProtocols(List.of("h2", "http/1.1")).setKeyCertOptions(renewed.options()), true)
                .mapEmpty());
    }

    private static PemKeyCertOptions pem(Tls tls) {
        return new PemKeyCertOptions().setCertPath(tls.certificate().toString()).setKeyPath(tls.key().toString());
    }

    /** The port that it listens on. */
    public int port() {
        return loop == null ? 0 : loop.server().actualPort();
    }

    /** Cuts the answers that are still being relayed, and closes. To be called on its own event loop. */
    @Override
    public Future<?> stop() {
        active.cut();
        talks.end();
        return loop == null
                ? Future.succeededFuture()
                : loop.server().close().onComplete(closed -> log().close());
    }

    private RequestPath path(GatewayHeaders ours, Refuse refuse, UpstreamClient upstream) {
        UpstreamClient.Timeouts bounds = services.upstream().timeouts();
        Schedule schedule = new Schedule(vertx, services.scheduler(), upstream, services.capacities(),
                services.leastWait());
        BodyWork large = Objects.requireNonNull(work);
        RetryRule rule = new RetryRule(services.attempts(), services.retries(),
                bound -> ThreadLocalRandom.current().nextLong(bound));
        BodyWatch.Bounds pace = new BodyWatch.Bounds(timeouts(services.listen().bodyIdle()), timeouts(BODY_GRACE),
                services.listen().peers().bodyFloor());
        BodyReader bodies = new BodyReader(services.listen().maxBodyBytes(), pace, services.bodies());
        return new RequestPath(new RequestPath.Stages(
                new Authenticate(services.tenancies(), services.revocations(), connections()::claim),
                new Admit(),
                new Understand(bodies, large, pace),
                new LookUp(services.cache(), large),
                new Replay(ours, services.cache().settings().hitsCount()),
                new Reserve(),
                schedule, schedule::withoutPermit,
                new Connect(schedule, rule, timeouts(bounds.connect().multipliedBy(CONNECT_PARTS)), services.meters()),
                new Forward(vertx, rule, timeouts(bounds.firstByte()), services.meters(), active, services.time()),
                new Relay(vertx, services.cache(), services.recordings(), ours, timeouts(bounds.idle()),
                        Objects.requireNonNull(unread), services.meters(), active,
                        services.time()),
                new ListModels(vertx, bounds.firstByte(), large, ours),
                new TryAgain(vertx, schedule, rule, services.meters()),
                new Converse(vertx, upstream, means(), talks)),
                refuse);
    }

    private Means means() {
        return new Means(services.listen().sockets(), services.listen().peers().writeIdle(),
                services.upstream().timeouts().connect(), services.scheduler(), services.capacities(),
                services.bodies(), services.meters(), services.time());
    }

    private Timeouts timeouts(Duration length) {
        return new Timeouts(vertx, services.time(), length);
    }

    private HttpServerOptions options() {
        Settings settings = services.listen();
        HttpServerOptions options = new HttpServerOptions().setHost(settings.host()).setPort(settings.port())
                .setMaxHeaderSize(settings.maxHeadBytes()).setMaxInitialLineLength(settings.maxHeadBytes())
                .setTcpKeepAlive(true).setHttp2ClearTextEnabled(false)
                .setMaxWebSocketFrameSize(settings.sockets().maxMessageBytes())
                .setMaxWebSocketMessageSize(settings.sockets().maxMessageBytes())
                .setWebSocketSubProtocols(List.of("realtime")).setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false);
        options.getInitialSettings().setMaxHeaderListSize(settings.maxHeadBytes());
        settings.tls().ifPresent(tls -> options.setSsl(true)
                .setSslHandshakeTimeout(settings.headTimeout().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS).setUseAlpn(true).setKeyCertOptions(pem(tls)));
        return options;
    }
}
