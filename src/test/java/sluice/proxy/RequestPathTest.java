package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.account.Grant;
import sluice.account.Lease;
import sluice.account.LiveAccount;
import sluice.cache.AnswerCache;
import sluice.cache.CacheControl;
import sluice.cache.CachePolicies;
import sluice.cache.CachePolicy;
import sluice.cache.CachedAnswer;
import sluice.cache.PromptKey;
import sluice.edge.VertxRequest;
import sluice.inbound.Peer;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Part;
import sluice.isolation.Room;
import sluice.isolation.Shared;
import sluice.metrics.CallTrace;
import sluice.metrics.Facts;
import sluice.metrics.GatewayMeters;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.metrics.Tariff;
import sluice.net.ClientCertificate;
import sluice.net.Departure;
import sluice.net.LastCredential;
import sluice.net.Drain;
import sluice.openai.EndpointClass;
import sluice.openai.Envelope;
import sluice.openai.Route;
import sluice.openai.Served;
import sluice.price.Prices;
import sluice.price.Unpriced;
import sluice.proxy.Attempt.Connected;
import sluice.proxy.Attempt.Failed;
import sluice.proxy.Attempt.Granted;
import sluice.proxy.Attempt.Opened;
import sluice.proxy.Attempt.Past;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Found.Hit;
import sluice.proxy.Found.Miss;
import sluice.proxy.admission.Admit;
import sluice.proxy.admission.Reserve;
import sluice.proxy.body.HeldBody;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.InFlight;
import sluice.quota.Limit;
import sluice.quota.Limits;
import sluice.quota.LocalBucket;
import sluice.quota.Outstanding;
import sluice.quota.TenantQuota;
import sluice.schedule.Capacity;
import sluice.schedule.Lane;
import sluice.schedule.Need;
import sluice.schedule.Permit;
import sluice.schedule.Scheduler;
import sluice.schedule.Share;
import sluice.schedule.Standing;
import sluice.tenancy.Access;
import sluice.tenancy.TagRules;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenancy;
import sluice.tenancy.Tenant;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.TestSpending;
import sluice.time.Time;
import sluice.upstream.Account;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.KeyRing;
import sluice.upstream.UpstreamClient;
import sluice.upstream.call.UpstreamCall;
import sluice.upstream.call.UpstreamRequest;
import sluice.upstream.call.UpstreamResponse;

/** Whatever goes wrong at whatever stage, over whatever protocol: what the call had taken is given back, and it is answered. */
@Timeout(120)
class RequestPathTest {
    private static final int HELD = 1000;
    private static final Holder HOLDER = new Holder.Tenant("bot");

    enum Protocol {
        HTTP_1, HTTP_2, WEBSOCKET
    }

    /** Where something goes wrong. */
    enum At {
        AUTHENTICATE, ADMIT, UNDERSTAND, CHECK_OWNER, LOOK_UP, REPLAY, RESERVE, SCHEDULE, CONNECT, FORWARD, RELAY, TRY_AGAIN, CONVERSE, NOWHERE;

        boolean happensTo(Protocol protocol) {
            return switch (this) {
                case AUTHENTICATE, ADMIT -> true;
                case CONVERSE -> protocol == Protocol.WEBSOCKET;
                case NOWHERE -> false;
                default -> protocol != Protocol.WEBSOCKET;
            };
        }
    }

    /** What goes wrong there. */
    enum What {
        REFUSES, THROWS, FAILS_LATER, FAILS_ONCE, CALLER_LEAVES, THROWS_BEHIND_THE_HEAD
    }

    @TempDir
    private static Path directory;
    private static Certificate certificate;

    private final Vertx vertx = Vertx.vertx();
    private final Time time = Time.system();
    private final GatewayMeters meters = new GatewayMeters(new GatewayMeters.Settings(10), "test");
    private final Outstanding outstanding = new Outstanding();
    private final AnswerLengths lengths = new AnswerLengths(meters::reserved);
    private final Purse purse = new Purse(new Tariff(Prices.listed()), Unpriced.REFUSE);
    private final Bulkhead bodies = Bulkhead.of("bodies", 10L * HELD);
    private final Limits limits = new Limits(List.of(new Limit(Limit.Kind.RPM, 1_000_000),
            new Limit(Limit.Kind.TPM, 1_000_000)), OptionalInt.of(100), Map.of());
    private final Tenancy tenancy = tenancy();
    private final LiveAccount account = new LiveAccount("main",
            new AccountQuota(
                    new AccountLimits(List.of(new Limit(Limit.Kind.RPM, 1_000_000)), Map.of(), false, 1_000_000),
                    (name, limit, of) -> LocalBucket.of(name, limit, of, -1, time)),
            new AccountHealth("main",
                    new AccountHealth.BreakerSettings(0.5, 1_000_000, Duration.ofSeconds(1), Duration.ofSeconds(1))),
            new KeyRing(List.of(new ApiKey("sk-upstream")), 0), time);
    private final Scheduler scheduler = new Scheduler(new Scheduler.Settings(Duration.ofSeconds(1), 100, 0.1, true),
            List.of(account), time, (nanos, task) -> {}, nanos -> {});
    private final List<AsyncResult<Answer>> answers = new CopyOnWriteArrayList<>();
    private final List<CountedPermit> permits = new CopyOnWriteArrayList<>();
    private final AtomicInteger openCalls = new AtomicInteger();
    private final AtomicInteger tries = new AtomicInteger();
    private volatile At at = At.NOWHERE;
    private volatile What what = What.REFUSES;
    private volatile Promise<Void> reached = Promise.promise();
    private UpstreamClient upstream;
    private HttpServer clearText;
    private HttpServer overTls;
    private HttpClient http2;

    /** One for all: keytool takes a second for each. */
    @BeforeAll
    static void certify() throws Exception {
        certificate = Certificate.selfSigned(directory, "127.0.0.1");
    }

    @BeforeEach
    void listen() throws Exception {
        upstream = UpstreamClient.open(vertx, new UpstreamClient.Settings(URI.create("http://127.0.0.1:1/v1"), 10,
                Duration.ofMinutes(1), Duration.ofSeconds(30), true, Optional.empty(), Optional.empty(),
                new UpstreamClient.Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1))),
                List.of(new Account("main", URI.create("http://127.0.0.1:1/v1"), Account.KeyHeader.AUTHORIZATION,
                        List.of(new ApiKey("sk-upstream")), Optional.empty(), Optional.empty(), Optional.empty())),
                1000, new UpstreamClient.Places(new Shared("lines"), new Shared("sockets")),
                time);
        RequestPath path = new RequestPath(stages(), new Refuse(vertx, new GatewayHeaders(
                new Drain(new Drain.Settings(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(1))))));
        clearText = listen(new HttpServerOptions(), path);
        overTls = listen(new HttpServerOptions().setSsl(true).setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions().setCertPath(certificate.pem().toString())
                        .setKeyPath(certificate.key().toString())),
                path);
        http2 = vertx.createHttpClient(new HttpClientOptions().setSsl(true).setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setTrustOptions(new PemTrustOptions().addCertPath(certificate.pem().toString())));
    }

    private HttpServer listen(HttpServerOptions options, RequestPath path) {
        return vertx.createHttpServer(options).requestHandler(request -> serve(path, request.pause()))
                .listen(0, "127.0.0.1").await();
    }

    private void serve(RequestPath path, HttpServerRequest request) {
        Route.Known route = (Route.Known) Route.of(request.method().name(), request.uri(),
                "websocket".equalsIgnoreCase(request.getHeader("upgrade")));
        Departure departure = new Departure();
        request.response().closeHandler(closed -> {
            if (!request.response().ended()) {
                departure.happened();
            }
        });
        Stopwatch times = new Stopwatch(time);
        Origin origin = new Origin("id", request.method().name(), route.endpoint().label(), "127.0.0.1");
        path.take(new Arrival(new VertxRequest(request, (connection, tenant) -> Room.GIVEN,
                new Peer("127.0.0.1", ClientCertificate.NONE), new LastCredential()), route, origin, times,
                CallTrace.OFF, departure))
                .onComplete(done -> answers.add(done));
    }

    @AfterEach
    void close() {
        vertx.close().await();
        meters.close();
    }

    private Tenancy tenancy() {
        Tenant tenant = new Tenant("bot", "free", List.of(), List.of(), Set.of(EndpointClass.INFERENCE),
                List.of("main"), limits, false, new CachePolicies(CachePolicy.of(AnswerCache.Mode.OFF, Duration.ZERO)),
                new Standing(1, Duration.ZERO, Lane.INTERACTIVE), TagRules.NONE, Access.OPEN);
        return new Tenancy(tenant,
                new TenantQuota(limits, false, (label, limit) -> LocalBucket.of(limit, time), (limit, granted) -> {},
                        outstanding),
                TestSpending.unlimited(outstanding, time),
                new InFlight(OptionalInt.of(100), false, (limit, granted) -> {}, outstanding), Set.of("main"),
                new Share("bot", 1), meters.tenant("bot"));
    }

    private RequestPath.Stages stages() {
        return new RequestPath.Stages(
                arrival -> step(At.AUTHENTICATE, arrival,
                        () -> new Caller(arrival, tenancy, Credential.key("key"), Tags.NONE)),
                caller -> stepInto(At.ADMIT, caller.arrival(), () -> new Admit().apply(caller)),
                admitted -> step(At.UNDERSTAND, admitted.caller().arrival(), () -> ask(admitted)),
                ask -> step(At.CHECK_OWNER, ask.arrival(), () -> ask),
                ask -> step(At.LOOK_UP, ask.arrival(),
                        () -> at == At.REPLAY ? hit(ask) : new Miss(ask, Optional.empty())),
                hit -> stepInto(At.REPLAY, hit.ask().arrival(), () -> answer(hit)),
                Future::succeededFuture, joined -> stepInto(At.REPLAY, joined.ask().arrival(), () -> answer(joined)),
                miss -> stepInto(At.RESERVE, miss.ask().arrival(),
                        () -> new Reserve(lengths, purse, new Serving(Map.of("main", account))).apply(miss)),
                funded -> step(At.SCHEDULE, funded.arrival(), () -> granted(funded, Past.NONE)),
                funded -> step(At.SCHEDULE, funded.arrival(), () -> granted(funded, Past.NONE)),
                granted -> step(At.CONNECT, granted.arrival(), () -> connected(granted)),
                connected -> at == At.TRY_AGAIN
                        ? Refusal.of(new Reason.UpstreamBroke(false))
                        : step(At.FORWARD, connected.granted().arrival(), () -> opened(connected)),
                opened -> stepInto(At.RELAY, opened.arrival(), () -> answer(opened)),
                opened -> stepInto(At.RELAY, opened.arrival(), () -> answer(opened)),
                opened -> stepInto(At.RELAY, opened.arrival(), () -> answer(opened)),
                this::tryAgain,
                admitted -> stepInto(At.CONVERSE, admitted.caller().arrival(), () -> converse(admitted)),
                admitted -> Refusal.of(new Reason.LedgerAway()), found -> Refusal.of(new Reason.LedgerAway()));
    }

    private <T> Future<T> step(At here, Arrival arrival, Supplier<T> goesWell) {
        return stepInto(here, arrival, () -> Future.succeededFuture(goesWell.get()));
    }

    private <T> Future<T> stepInto(At here, Arrival arrival, Supplier<Future<T>> goesWell) {
        if (at != here || (what == What.FAILS_ONCE && tries.getAndIncrement() > 0)) {
            return goesWell.get();
        }
        return switch (what) {
            case REFUSES -> Refusal.of(new Reason.MissingModel());
            case THROWS -> throw new IllegalStateException("a fault");
            case FAILS_LATER -> vertx.timer(1).compose(over -> Future.failedFuture(new IllegalStateException("late")));
            case FAILS_ONCE -> Refusal.of(new Reason.UpstreamBroke(false));
            case CALLER_LEAVES -> {
                Promise<T> left = Promise.promise();
                arrival.departure().onLeave(() -> left.tryFail(new Refusal(new Reason.ClientGone(Ending.NOT_SENT))));
                reached.complete();
                yield left.future();
            }
            case THROWS_BEHIND_THE_HEAD -> {
                arrival.response().open();
                arrival.response().write(Buffer.buffer("{"));
                throw new IllegalStateException("a fault");
            }
        };
    }

    private Ask ask(Admitted admitted) {
        Part share = bodies.part(HOLDER);
        assertThat(share.take(HELD).given()).isTrue();
        return new Ask(admitted, new HeldBody(new byte[HELD], Envelope.NONE, null, false, share), "m",
                CacheControl.parse(null), new Patience(0, Lane.INTERACTIVE), Set.of("main"),
                Optional.empty(), false);
    }

    private static Hit hit(Ask ask) {
        return new Hit(ask,
                new AnswerCache.Found(PromptKey.named(""), new CachedAnswer(List.of(), Buffer.buffer(), Served.UNTOLD),
                        0));
    }

    private Granted granted(Funded funded, Past past) {
        assertThat(upstream.account("main").tryConnect(HOLDER).given()).isTrue();
        CountedPermit permit = new CountedPermit();
        permits.add(permit);
        return new Granted(funded, new Grant(permit, new Lease(upstream.account("main"), account, scheduler, HOLDER)),
                past);
    }

    private Connected connected(Granted granted) {
        openCalls.incrementAndGet();
        UpstreamRequest request = (UpstreamRequest) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[]{UpstreamRequest.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("cut")) {
                        openCalls.decrementAndGet();
                    }
                    return null;
                });
        return new Connected(granted, new UpstreamCall(request));
    }

    private Opened opened(Connected connected) {
        connected.granted().grant().send();
        connected.call().sending(Future.succeededFuture());
        return new Opened(connected, (UpstreamResponse) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[]{UpstreamResponse.class}, (proxy, method, arguments) -> null));
    }

    private Future<Granted> tryAgain(Failed failed) {
        if (at == At.TRY_AGAIN) {
            return stepInto(At.TRY_AGAIN, failed.granted().arrival(), () -> Future.failedFuture(failed.failure()));
        }
        boolean fails = !(Refusal.reasonOf(failed.failure()) instanceof Reason.UpstreamBroke)
                || failed.granted().past().failures() > 0;
        return fails
                ? Future.failedFuture(failed.failure())
                : Future.succeededFuture(granted(failed.granted().funded(), new Past(1, 0)));
    }

    private static Future<Answer> answer(Exchange call) {
        call.arrival().request().resume();
        call.arrival().response().end(Buffer.buffer("{}"));
        return Future.succeededFuture(new Answer(call, new Spent.Told(200, Outcome.ANSWERED, "", 2, ModelUse.nothing()),
                Ending.AS_RESERVED));
    }

    private static Future<Answer> converse(Admitted admitted) {
        return admitted.caller().arrival().request().toWebSocket().compose(ServerWebSocket::close)
                .map(closed -> new Answer(admitted, new Spent.Told(101, Outcome.ANSWERED, "", 0, ModelUse.nothing()),
                        Ending.AS_RESERVED));
    }

    /** Counts how often it is given back: every attempt ends with that, whatever it has spent. */
    private final class CountedPermit implements Permit {
        private final AtomicInteger returned = new AtomicInteger();

        @Override
        public Capacity account() {
            return account;
        }

        @Override
        public Need need() {
            return new Need("m", 0);
        }

        @Override
        public boolean fresh() {
            return true;
        }

        @Override
        public void sent() {
            // Comes before it is given back, which is what counts.
        }

        @Override
        public void giveBack() {
            returned.incrementAndGet();
        }

        @Override
        public void forgive(long usedTokens) {
            // Comes before it is given back, which is what counts.
        }

        @Override
        public void named(String model) {
            // Comes before it is given back, which is what counts.
        }

        @Override
        public void settle(long usedTokens) {
            // Comes before it is given back, which is what counts.
        }
    }

    static Stream<Arguments> cases() {
        return Stream.of(Protocol.values()).flatMap(protocol -> Stream.of(At.values())
                .filter(at -> at.happensTo(protocol)).flatMap(at -> Stream.of(What.values())
                        .filter(what -> what != What.FAILS_ONCE || at == At.CONNECT || at == At.FORWARD)
                        .map(what -> Arguments.of(protocol, at, what))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nothingStaysTaken(Protocol protocol, At here, What happens) throws IOException {
        at = here;
        what = happens;
        reached = Promise.promise();
        call(protocol);
        Await.until("answered", answers::size, 1);
        assertThat(answers.getFirst().succeeded()).isTrue();
        if (happens == What.REFUSES || happens == What.THROWS || happens == What.FAILS_LATER) {
            assertToldWhatWasKnown(answers.getFirst().result().facts(), protocol, here);
        }
        assertAtRest();

        at = At.NOWHERE;
        call(protocol);
        Await.until("answered", answers::size, 2);
        assertThat(answers.getLast().result().told().outcome()).isEqualTo(Outcome.ANSWERED);
        assertAtRest();
    }

    /** A failed call is reported with all that was known of it by then. */
    private static void assertToldWhatWasKnown(Facts facts, Protocol protocol, At here) {
        boolean understood = protocol != Protocol.WEBSOCKET && here.compareTo(At.UNDERSTAND) > 0;
        boolean sent = understood && here.compareTo(At.SCHEDULE) > 0;
        assertThat(facts.tenant()).isEqualTo(here == At.AUTHENTICATE ? "" : "bot");
        assertThat(facts.keyId()).isEqualTo(here == At.AUTHENTICATE ? "" : "key");
        assertThat(facts.model()).isEqualTo(understood ? "m" : "");
        assertThat(facts.account()).isEqualTo(sent ? "main" : "");
        assertThat(facts.attempts()).isEqualTo(sent ? 1 : 0);
        assertThat(facts.cache()).isEqualTo(understood && here.compareTo(At.REPLAY) > 0 ? "BYPASS" : "");
    }

    private void assertAtRest() {
        Await.until("reservations", outstanding::count, 0);
        assertThat(tenancy.inFlight().count()).as("calls in flight").isZero();
        assertThat(bodies.used()).as("bytes held").isZero();
        assertThat(openCalls).as("requests upstream").hasValue(0);
        assertThat(account.inFlight()).as("connections in use").isZero();
        assertThat(permits).as("permits").allSatisfy(permit -> assertThat(permit.returned).hasValue(1));
    }

    /** A call that goes as planned, and whose caller leaves where it is to. */
    private void call(Protocol protocol) throws IOException {
        boolean leaves = at != At.NOWHERE && what == What.CALLER_LEAVES;
        switch (protocol) {
            case HTTP_1 -> overSocket("""
                    POST /v1/chat/completions HTTP/1.1
                    host: x
                    content-length: 2
                    connection: close

                    {}""", leaves);
            case WEBSOCKET -> overSocket("""
                    GET /v1/realtime?model=m HTTP/1.1
                    host: x
                    upgrade: websocket
                    connection: upgrade
                    sec-websocket-version: 13
                    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==

                    """, leaves);
            case HTTP_2 -> {
                HttpClientRequest request = http2.request(HttpMethod.POST, overTls.actualPort(), "127.0.0.1",
                        "/v1/chat/completions").await();
                Future<?> answer = request.response().compose(HttpClientResponse::body);
                request.end("{}");
                if (leaves) {
                    reached.future().await();
                    request.reset();
                } else {
                    answer.otherwiseEmpty().await();
                }
            }
        }
    }

    private void overSocket(String text, boolean leaves) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), clearText.actualPort())) {
            socket.getOutputStream().write(text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            if (leaves) {
                reached.future().await();
            } else {
                socket.getInputStream().readNBytes(12);
            }
        }
    }
}
