package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.cli.Check;
import sluice.cli.ConfigReload;
import sluice.cli.Gateway;
import sluice.cli.Serve;
import sluice.testing.Await;
import sluice.testing.CapturedLog;
import sluice.testing.Certificate;
import sluice.testing.CommandRun;
import sluice.testing.ManualTime;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Pairs of a certificate and a key: refused before anything listens, or kept out while the old pair stays. */
@Timeout(120)
class ServedCertificateTest {
    @TempDir
    private static Path made = Path.of("");

    private static Certificate first;
    private static Certificate second;
    private static Certificate rsa;
    private static Certificate other;
    private static Certificate expired;
    private static Certificate early;

    @TempDir
    private Path folder = Path.of("");

    private Path pem = Path.of("");
    private Path key = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        first = certificate("first", "localhost", "-keyalg", "EC");
        second = certificate("second", "localhost", "-keyalg", "EC");
        rsa = certificate("rsa", "localhost", "-keyalg", "RSA");
        other = certificate("other", "somebody else", "-keyalg", "EC");
        expired = certificate("expired", "localhost", "-keyalg", "EC", "-startdate", "-3d", "-validity", "2");
        early = certificate("early", "localhost", "-keyalg", "EC", "-startdate", "+2d");
    }

    private static Certificate certificate(String folder, String name, String... options) throws Exception {
        return Certificate.selfSigned(Files.createDirectory(made.resolve(folder)), "127.0.0.1", name, options);
    }

    /**
     * What the two files contain, and the expected message.
     *
     * @param at the key of the configuration that is to blame
     */
    record Pair(String certificate, String key, String at, String told) {

        @Override
        public String toString() {
            return told;
        }
    }

    static Stream<Pair> unfit() throws IOException {
        String own = text(first.pem());
        String ownKey = text(first.key());
        return Stream.of(
                new Pair(own, text(second.key()), "key", "does not belong to the certificate"),
                new Pair(own, text(rsa.key()), "key", "does not belong to the certificate"),
                new Pair(text(rsa.pem()), ownKey, "key", "does not belong to the certificate"),
                new Pair(text(expired.pem()), text(expired.key()), "certificate", "expired at"),
                new Pair(text(early.pem()), text(early.key()), "certificate", "is not valid before"),
                new Pair(text(second.pem()) + own, ownKey, "certificate",
                        "does not begin with the certificate of the key"),
                new Pair(own + text(other.pem()), ownKey, "certificate",
                        "has a certificate at place 2 that did not issue the one before it"),
                new Pair(own, ownKey.replace("PRIVATE", "ENCRYPTED PRIVATE"), "key", "is encrypted"),
                new Pair(own, "", "key", "is empty"),
                new Pair("", ownKey, "certificate", "is empty"),
                new Pair("no certificate", ownKey, "certificate", "holds no certificate that can be read"),
                new Pair(own.substring(0, own.length() / 2), ownKey, "certificate",
                        "holds no certificate that can be read"),
                new Pair(ownKey, own, "certificate", "holds no certificate that can be read"),
                new Pair(own, own, "key", "holds no private key that can be read"),
                new Pair(own, ownKey.substring(0, ownKey.length() / 2), "key",
                        "holds no private key that can be read"));
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file);
    }

    @BeforeEach
    void name() {
        pem = folder.resolve("tls.crt");
        key = folder.resolve("tls.key");
    }

    /** Each file as a whole, as mounts and tools that renew certificates do it. */
    private void place(String certificate, String privateKey) throws IOException {
        replace(pem, certificate);
        replace(key, privateKey);
    }

    private void place(Certificate pair) throws IOException {
        place(text(pair.pem()), text(pair.key()));
    }

    private static void replace(Path file, String content) throws IOException {
        Files.move(Files.writeString(file.resolveSibling("next"), content), file, StandardCopyOption.ATOMIC_MOVE);
    }

    private String config() {
        return """
                listen: { host: 127.0.0.1, port: 0, tls: { certificate: "%s", key: "%s" } }
                admin: { port: 0 }
                ledger: { url: "sqlite:%s" }
                upstream: { base-url: "http://127.0.0.1:1/v1", accounts: [ { name: main, keys: [sk-upstream] } ] }
                """.formatted(pem, key, folder.resolve("ledger.db"));
    }

    @ParameterizedTest
    @MethodSource
    void unfit(Pair pair) throws IOException {
        place(pair.certificate(), pair.key());
        Path file = Files.writeString(folder.resolve("sluice.yaml"), config());
        for (Object command : List.of(new Check(), new Serve())) {
            CommandRun run = new CommandRun(command);
            assertThat(run.with("--config", file.toString())).isEqualTo(2);
            assertThat(run.err().lines()).hasSize(2).last().asString()
                    .startsWith("listen.tls." + pair.at() + ", line 1: ").contains(pair.told(), "(expected: ")
                    .doesNotContain("PRIVATE KEY");
        }
    }

    @Test
    void fitPairsPass() throws IOException {
        Path file = Files.writeString(folder.resolve("sluice.yaml"), config());
        for (Certificate pair : List.of(first, rsa)) {
            place(pair);
            CommandRun run = new CommandRun(new Check());
            assertThat(run.with("--config", file.toString())).as(run.err()).isZero();
        }
    }

    @Test
    void configurationRefusedForItsCertificateIsReadAgainOnceThatIsMended() throws Exception {
        place(first);
        Path file = Files.writeString(folder.resolve("sluice.yaml"), config());
        Vertx vertx = Vertx.vertx();
        Gateway gateway = Gateway.start(TestConfig.parse(config(), name -> null), Time.system()).await();
        try (CapturedLog log = CapturedLog.open()) {
            new ConfigReload(file, name -> null, List.of(file), gateway).start(vertx);
            replace(key, text(second.key()));
            Files.writeString(file, config() + "plans: { small: { rpm: 5 } }\n");
            Await.until("it is refused", () -> log.lines().stream()
                    .anyMatch(line -> line.contains("configuration not reloaded") && line.contains("listen.tls.key")));
            place(second);
            Await.until("it is read again",
                    () -> log.lines().stream().anyMatch(line -> line.contains("configuration reloaded")));
            metric(gateway, "sluice_config_reload_success 1.0");
        } finally {
            vertx.close().await();
            gateway.stop().await();
        }
    }

    @Test
    void unfitPairIsNotShownAndTheMeterTellsOfTheOneThatIs() throws Exception {
        place(first);
        Gateway gateway = Gateway.start(TestConfig.parse(config(), name -> null), Time.system()).await();
        try {
            metric(gateway, "sluice_certificate_not_after_timestamp_seconds{listener=\"listen\"} " + end(first));
            metric(gateway, "sluice_config_reload_success 1.0");
            for (Pair pair : unfit().limit(4).toList()) {
                try (CapturedLog log = CapturedLog.open()) {
                    place(pair.certificate(), pair.key());
                    Await.until(pair.told(), () -> log.lines().stream().anyMatch(
                            line -> line.contains("keeping the old one: ") && line.contains(pair.told())));
                }
                metric(gateway, "sluice_config_reload_success 0.0");
                metric(gateway, "sluice_certificate_not_after_timestamp_seconds{listener=\"listen\"} " + end(first));
                assertThat(shows(gateway, first)).isTrue();
                assertThat(trouble(gateway)).contains("certificate_renewal_failed", pair.told())
                        .doesNotContain("PRIVATE KEY");
            }
            Files.delete(key);
            Files.delete(pem);
            metric(gateway, "sluice_certificate_not_after_timestamp_seconds{listener=\"listen\"} " + end(first));
            assertThat(shows(gateway, first)).isTrue();

            place(rsa);
            metric(gateway, "sluice_config_reload_success 1.0");
            metric(gateway, "sluice_certificate_not_after_timestamp_seconds{listener=\"listen\"} " + end(rsa));
            assertThat(shows(gateway, rsa)).isTrue();
            assertThat(trouble(gateway)).isEqualTo("[]");

            ManualTime late = new ManualTime();
            late.advance(Duration.between(ManualTime.START, endOf(rsa).minus(Duration.ofDays(13))));
            CapturedLog log = CapturedLog.open();
            Gateway later = Gateway.start(TestConfig.parse(config(), name -> null), late.time()).await();
            try (log) {
                String told = "certificate " + pem + " expires at " + endOf(rsa) + "; renew it";
                assertThat(trouble(later)).contains("certificate_near_expiry", told);
                assertThat(log.lines()).containsOnlyOnce(told);
                Await.until("it has expired", () -> {
                    late.advance(Duration.ofDays(1));
                    return log.lines().stream().anyMatch(line -> line.contains("callers refuse it"));
                });
                assertThat(log.lines()).containsOnlyOnce(told);
                assertThat(trouble(later)).contains("expired at " + endOf(rsa));
            } finally {
                later.stop().await();
            }
        } finally {
            gateway.stop().await();
        }
    }

    private static String end(Certificate certificate) throws Exception {
        return Double.toString((double) endOf(certificate).getEpochSecond());
    }

    private static Instant endOf(Certificate certificate) throws Exception {
        X509Certificate own = (X509Certificate) certificate.store()
                .getCertificate(certificate.store().aliases().nextElement());
        return own.getNotAfter().toInstant();
    }

    /** What the overview says is wrong. */
    private static String trouble(Gateway gateway) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return new JsonObject(client.send(HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + gateway.adminPort() + "/admin/v1/overview")).build(),
                    BodyHandlers.ofString()).body()).getJsonArray("troubles").encode();
        }
    }

    private static boolean shows(Gateway gateway, Certificate trusted) throws Exception {
        try (Socket socket = trusted.trusting().getSocketFactory().createSocket("127.0.0.1", gateway.port())) {
            ((SSLSocket) socket).startHandshake();
            return true;
        } catch (SSLException untrusted) {
            return false;
        }
    }

    private static void metric(Gateway gateway, String line) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + gateway.adminPort() + "/metrics")).build();
            Await.until(line, () -> client.sendAsync(request, BodyHandlers.ofString()).join().body().lines()
                    .anyMatch(Predicate.isEqual(line)));
        }
    }
}
