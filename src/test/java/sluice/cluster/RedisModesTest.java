package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.cluster.RedisSettings.Login;
import sluice.cluster.RedisSettings.Mode;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.RedisProcess;
import sluice.time.Time;

/** Redis as people run it: every message reaches it, and its limits hold. */
@Timeout(60)
class RedisModesTest {
    private final Vertx vertx = Vertx.vertx();
    private final List<RedisProcess> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        done(vertx.close());
        servers.forEach(RedisProcess::close);
    }

    private RedisProcess server(String... options) {
        RedisProcess server = RedisProcess.start(options);
        servers.add(server);
        return server;
    }

    private static RedisSettings settings(List<String> urls, Mode mode, Optional<Login> login, Optional<Path> ca) {
        return new RedisSettings(urls.stream().map(URI::create).toList(), mode, login, ca, "test",
                Duration.ofSeconds(1), 10, StoreLoss.CLOSED, Set.of(),
                Set.of(new RedisSettings.ExactLimit(Optional.empty(), Limit.Kind.RPM)));
    }

    private void assertServes(RedisSettings settings) {
        Cluster cluster = new Cluster(vertx, settings, new Unobserved(), Time.system());
        done(cluster.start());
        Await.until("reached", cluster::reachable);
        for (int tenant = 0; tenant < 20; tenant++) {
            QuotaBucket bucket = cluster.limit("tenant-" + tenant, "rpm", new Limit(Limit.Kind.RPM, 1), -1);
            assertThat(done(bucket.take(1)).taken()).isTrue();
            assertThat(done(bucket.take(1)).taken()).isFalse();
            assertThat(done(cluster.slots("tenant-" + tenant, 1).take())).isTrue();
        }
        done(cluster.notices().tell("cooldown/main", Duration.ofSeconds(1)));
        done(cluster.close());
    }

    @Test
    void singleWithTlsAndUser(@TempDir Path folder) throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        int tls = RedisProcess.freePort();
        server("--tls-port", Integer.toString(tls), "--tls-cert-file", certificate.pem().toString(),
                "--tls-key-file", certificate.key().toString(), "--tls-auth-clients", "no", "--user", "default", "off",
                "--user", "sluice", "on", ">hush", "~test:*", "+@all");
        assertServes(settings(List.of("rediss://127.0.0.1:" + tls), new Mode.Single(),
                Optional.of(new Login(Optional.of("sluice"), "hush")), Optional.of(certificate.pem())));
    }

    @Test
    void sentinel(@TempDir Path folder) throws IOException {
        RedisProcess master = server();
        Path config = folder.resolve("sentinel.conf");
        Files.writeString(config, "sentinel monitor chief 127.0.0.1 " + master.port() + " 1\n");
        RedisProcess sentinel = RedisProcess.sentinel(config);
        servers.add(sentinel);
        assertServes(settings(List.of(sentinel.url()), new Mode.Sentinel("chief"), Optional.empty(),
                Optional.empty()));
    }

    @Test
    void clusterOfThree() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("redis-cli", "--cluster", "create"));
        for (int i = 0; i < 3; i++) {
            RedisProcess node = RedisProcess.clusterNode();
            servers.add(node);
            command.add("127.0.0.1:" + node.port());
        }
        command.add("--cluster-yes");
        Process create = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(create.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(create.waitFor()).as(said).isZero();
        assertServes(settings(servers.stream().map(RedisProcess::url).toList(), new Mode.Cluster(), Optional.empty(),
                Optional.empty()));
    }

    private static <T> T done(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
