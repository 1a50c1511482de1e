package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.edge.Services;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Tenancy;
import sluice.tenancy.Tenant;
import sluice.tenancy.TenantDirectory;
import sluice.testing.Await;
import sluice.testing.EchoUpstream;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Keys come and go in the directory while calls run, each millisecond one: no call notices, and no stage is built. */
@Timeout(120)
class LiveDirectoryTest {
    private static final Logger LOG = LoggerFactory.getLogger(LiveDirectoryTest.class);
    private static final int CHANGES = 3_000;
    private static final int CALLERS = 8;
    private static final int LOOK_EVERY = 250;
    private static final String STABLE = "sk-sluice-bot-0123456789abcdef";
    private static final Buffer CALL = Buffer
            .buffer("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");

    private final Vertx vertx = Vertx.vertx();
    private final Map<Integer, AtomicInteger> stable = new ConcurrentHashMap<>();
    private final Map<Integer, AtomicInteger> fresh = new ConcurrentHashMap<>();
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private Gateway gateway;
    private WebClient client;

    @BeforeEach
    void start() throws Exception {
        EchoUpstream upstream = EchoUpstream.start(vertx);
        gateway = Gateway.start(TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                plans: { free: { rpm: 1000000, cache: off } }
                tenants: [{ name: bot, keys: [%s] }]
                upstream: { base-url: "http://127.0.0.1:%d/v1", accounts: [{ name: main, rpm: 1000000, strict: false, \
                keys: [sk-upstream-0123456789abcdef] }] }
                """.formatted(STABLE, upstream.port()), name -> null), Time.system()).await();
        client = WebClient.create(vertx, new WebClientOptions(new HttpClientOptions()).setDefaultHost("127.0.0.1")
                .setDefaultPort(gateway.port()));
    }

    @AfterEach
    void stop() {
        gateway.stop().await();
        vertx.close().await();
    }

    @Test
    void changesAreFeltByNobodyElse() {
        Services before = Objects.requireNonNull(gateway.services());
        TenantDirectory directory = before.tenancies();
        Tenancy bot = directory.named("bot").orElseThrow();
        for (int i = 0; i < CALLERS; i++) {
            callOn();
        }
        long began = System.nanoTime();
        vertx.setPeriodic(1, timer -> {
            int change = changes.get();
            if (looking.get()) {
                return;
            }
            if (change == CHANGES) {
                vertx.cancelTimer(timer);
                return;
            }
            long cpu = threads().getCurrentThreadCpuTime();
            directory.put(List.of(withKey(bot, key(change))));
            nanos.addAndGet(threads().getCurrentThreadCpuTime() - cpu);
            changes.incrementAndGet();
            if (change % LOOK_EVERY == 0) {
                assertThat(directory.find(KeyDigest.of(key(change)))).isPresent();
                assertThat(directory.find(KeyDigest.of(key(change - 1)))).isEmpty();
                looking.set(true);
                call(key(change), fresh).onComplete(over -> looking.set(false));
            }
        });
        Await.until("all changes are made", () -> changes.get() == CHANGES);
        long took = System.nanoTime() - began;
        Await.until("all calls are over", () -> underWay.get() == 0);

        LOG.info("{} changes a second, {} µs of processor time each; {} calls beside them",
                Math.round(CHANGES / (took / 1e9)), nanos.get() / 1_000 / CHANGES, stable.get(200));
        assertThat(stable).containsOnlyKeys(200);
        assertThat(fresh).containsOnlyKeys(200);
        assertThat(gateway.services()).isSameAs(before);
        client.post("/v1/chat/completions").bearerTokenAuthentication(key(CHANGES - 1)).sendBuffer(CALL)
                .map(answer -> assertThat(answer.statusCode()).isEqualTo(200)).await();
    }

    private void callOn() {
        call(STABLE, stable).onComplete(over -> {
            if (changes.get() < CHANGES) {
                callOn();
            }
        });
    }

    private Future<?> call(String key, Map<Integer, AtomicInteger> statuses) {
        underWay.incrementAndGet();
        return client.post("/v1/chat/completions").bearerTokenAuthentication(key).sendBuffer(CALL)
                .onComplete(answer -> {
                    int status = answer.succeeded() ? answer.result().statusCode() : -1;
                    statuses.computeIfAbsent(status, first -> new AtomicInteger()).incrementAndGet();
                    underWay.decrementAndGet();
                });
    }

    private static ThreadMXBean threads() {
        return ManagementFactory.getThreadMXBean();
    }

    private static String key(int change) {
        return "sk-sluice-new-0123456789-" + change;
    }

    /** The tenant with one more key. */
    private static Tenancy withKey(Tenancy of, String key) {
        Tenant known = of.tenant();
        Tenant tenant = new Tenant(known.name(), known.plan(),
                List.of(new Tenant.Key(KeyDigest.of(STABLE), Optional.empty()),
                        new Tenant.Key(KeyDigest.of(key), Optional.empty())),
                known.models(), known.endpoints(), known.accounts(), known.limits(), known.shadow(), known.caching(),
                known.standing(), known.tags(), known.access());
        return new Tenancy(tenant, of.quota(), of.spending(), of.inFlight(), of.accounts(), of.share(), of.meters());
    }
}
