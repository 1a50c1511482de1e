package sluice.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import sluice.admin.AdminServer;
import sluice.admin.BaseUrl;
import sluice.edge.Listener;
import sluice.net.CertifiedKey;
import sluice.net.Drain;
import sluice.net.Hosts;
import sluice.net.TrustedProxies;
import sluice.proxy.socket.Converse;
import sluice.tenancy.KeyDigest;
import sluice.time.Time;
import sluice.yaml.Quantities;
import sluice.yaml.Redaction;
import sluice.yaml.Secret;
import sluice.yaml.Section;
import sluice.yaml.TypedText;
import sluice.yaml.Values;

/** Reads {@code listen}, {@code admin} and {@code drain}: the process's own ports and its shutdown. */
final class ServerReader {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    private static final int SHORTEST_TOKEN = 16;

    private ServerReader() {}

    static Listener.Settings listen(Section listen) {
        long heap = Runtime.getRuntime().maxMemory();
        int connections = listen.count("max-connections", 1, 10_000_000, 20_000);
        Listener.Settings settings = new Listener.Settings(listen.value("host", Values.host(), "0.0.0.0"),
                listen.count("port", 0, Values.LAST_PORT, 8080),
                listen.size("max-body", KIB, 1024 * MIB, 32 * MIB),
                listen.value("max-held-bodies", Quantities.sizeOrShare(KIB, heap), heap / 100 * 25),
                listen.duration("head-timeout", SHORTEST, DAY, Duration.ofSeconds(10)),
                listen.duration("body-idle", SHORTEST, DAY, Duration.ofSeconds(30)),
                (int) listen.size("max-head", KIB, MIB, 32 * KIB), connections, peers(listen, connections),
                listen.value("plain-edge", Values.word(Listener.PlainEdge.class), Listener.PlainEdge.ON),
                sockets(listen.section("websocket")),
                listen.optionalSection("tls").flatMap(ServerReader::listenTls));
        if (settings.maxHeldBodyBytes() / 2 < settings.maxBodyBytes()) {
            listen.warn("max-held-bodies", TypedText.of(settings.maxHeldBodyBytes())
                    + " is less than twice max-body, and a tenant may hold at most half of it: larger bodies are always "
                    + "refused with 503");
        }
        return settings;
    }

    private static Listener.Peers peers(Section listen, int connections) {
        return new Listener.Peers(
                listen.value("max-connections-per-address", Quantities.countOrShare(connections),
                        Math.max(1, connections / 2)),
                listen.duration("idle", SHORTEST, DAY, Duration.ofSeconds(650)),
                listen.duration("write-idle", SHORTEST, DAY, Duration.ofSeconds(60)),
                listen.value("body-floor", Quantities.rate(1, MIB), KIB),
                new TrustedProxies(listen.list("trusted-proxies", Values.network(), List.of())));
    }

    private static Converse.Settings sockets(Section sockets) {
        return new Converse.Settings(
                sockets.duration("idle", SHORTEST, DAY, Duration.ofMinutes(10)),
                sockets.duration("max-age", SHORTEST, DAY, Duration.ofHours(2)),
                (int) sockets.size("max-message", KIB, 256 * MIB, 16 * MIB),
                sockets.count("messages-per-second", 1, 1_000_000, 100));
    }

    private static Optional<Listener.Tls> listenTls(Section tls) {
        Optional<Pair> pair = pair(tls);
        Optional<Path> authorities = tls.file("client-ca", Values.authorities());
        Listener.Auth auth = tls.word("client-auth", Listener.Auth.OPTIONAL);
        return pair.map(files -> new Listener.Tls(files.certificate(), files.key(),
                authorities.map(file -> new Listener.Clients(file, auth))));
    }

    /** The files of a certificate chain and its private key, and what they hold. */
    record Pair(Path certificate, Path key, CertifiedKey read) {}

    private static Optional<Pair> pair(Section tls) {
        return pair(tls, unwatched -> {
            // Its own watch follows it.
        });
    }

    /**
     * The pair under {@code certificate} and {@code key}, checked.
     *
     * @param named called with each file before it is read
     */
    static Optional<Pair> pair(Section tls, Consumer<Path> named) {
        Optional<Path> certificate = tls.requiredFile("certificate", Values.file(),
                "the file of the certificate chain");
        Optional<Path> key = tls.requiredFile("key", Values.file(), "the file of the private key");
        certificate.ifPresent(named);
        key.ifPresent(named);
        return certificate.flatMap(chain -> key.flatMap(pem -> checked(tls, chain, pem)));
    }

    private static Optional<Pair> checked(Section tls, Path certificate, Path key) {
        try {
            return Optional.of(new Pair(certificate, key, CertifiedKey.read(certificate, key, Time.system().now())));
        } catch (CertifiedKey.Unusable unusable) {
            // The configuration is read again once they are mended.
            tls.reads(certificate);
            tls.reads(key);
            Path file = unusable.isKey() ? key : certificate;
            tls.refuse(unusable.isKey() ? "key" : "certificate",
                    Redaction.shown(file.toString()) + " " + unusable.why().what(), unusable.why().expected());
            return Optional.empty();
        }
    }

    static AdminServer.Settings admin(Section admin, Section listening, Listener.Settings listen) {
        String host = admin.value("host", Values.host(), "127.0.0.1");
        int port = admin.count("port", 0, Values.LAST_PORT, 9090);
        Optional<KeyDigest> token = admin.entry("token").flatMap(entry -> Secret.optional(entry)
                .flatMap(secret -> Digests.of(entry, secret, SHORTEST_TOKEN)));
        admin.show("token", token.map(digest -> "sha256:" + digest.hex()).orElse(""));
        AdminServer.Settings settings = new AdminServer.Settings(host, port, token, AdminTokens.read(admin),
                adminTls(admin), admin.optionalSection("oidc").flatMap(AdminOidc::read),
                new BaseUrl(UpstreamReader.baseUrl(listening), listen.tls().isPresent(), listen.port()));
        boolean known = !admin.hasUnknown("port", "host") && !listening.hasUnknown("port", "host");
        if (known && settings.port() != 0 && settings.port() == listen.port()
                && overlap(settings.host(), listen.host())) {
            admin.refuse("port", Integer.toString(settings.port()), "a port other than listen.port");
        }
        if (settings.digests().isEmpty() && settings.oidc().isEmpty() && !Hosts.isLoopback(settings.host())) {
            admin.warn("token", "none, so /admin answers only if host is a loopback address");
        }
        return settings;
    }

    private static Optional<AdminServer.Tls> adminTls(Section admin) {
        return admin.optionalSection("tls").flatMap(ServerReader::pair)
                .map(files -> new AdminServer.Tls(files.certificate(), files.key()));
    }

    private static boolean overlap(String one, String other) {
        return one.equals(other) || Hosts.isAny(one) || Hosts.isAny(other);
    }

    static Drain.Settings drain(Section drain) {
        return new Drain.Settings(
                drain.duration("delay", Duration.ZERO, DAY, Duration.ofSeconds(10)),
                drain.duration("grace", Duration.ZERO, DAY, Duration.ofMinutes(10)),
                drain.duration("idle", Duration.ZERO, DAY, Duration.ofSeconds(30)));
    }
}
