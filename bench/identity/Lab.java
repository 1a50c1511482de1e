import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A gateway before a simulated OpenAI, each a process of its own, and the issuer whose tokens the gateway takes. */
final class Lab implements AutoCloseable {
    static final String ISSUER = "https://issuer.example.com";
    static final String KEY = "sk-sluice-key-of-the-bench-0123456789abcdefghi";

    private final Path work;
    private final Deque<Process> processes = new ArrayDeque<>();
    private final RSAKey rsa;
    private final ECKey ec;
    final int port;
    final long gateway;

    /** @param identity the section of that name, or empty for the issuer whose tokens {@link #token} makes */
    Lab(Path work, String identity) throws Exception {
        this.work = Files.createDirectories(work);
        rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
        Path keys = Files.writeString(work.resolve("keys.json"), new JWKSet(List.<JWK>of(rsa, ec)).toString());
        int upstream = freePort();
        port = freePort();
        int admin = freePort();
        Path config = Files.writeString(work.resolve("sluice.yaml"), """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                ledger: { url: "sqlite:%s" , spool: { dir: %s } }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 10000000, strict: false, keys: [sk-upstream] }]
                tenants: [{ name: search, rpm: 10000000, keys: [%s] }]
                %s
                """.formatted(port, admin, work.resolve("ledger.db"), work.resolve("spool"), upstream, KEY,
                identity.isEmpty() ? """
                        identity:
                          issuers:
                            - issuer: %s
                              audience: sluice
                              jwks: "file:%s"
                              tenants: [{ match: { sub: "system:serviceaccount:search:*" }, tenant: search }]
                        """.formatted(ISSUER, keys.toAbsolutePath()) : identity));
        java("simulator", 1, "simulate", "--port", Integer.toString(upstream), "--account",
                "main=sk-upstream:rpm=10000000");
        gateway = java("gateway", 0, "serve", "--config", config.toString()).pid();
        await(admin);
    }

    private Process java(String name, int core, String... arguments) throws IOException {
        return start(name, Stream.concat(
                Stream.of("taskset", "-c", Integer.toString(core),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                        "-XX:ActiveProcessorCount=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow", "-jar", "target/sluice.jar"),
                Stream.of(arguments)).toList()).process();
    }

    /** A process, and where its output goes. */
    record Started(Process process, Path output) {}

    /** Starts a process that ends with the lab; what it writes goes to a file. */
    Started start(String name, List<String> command) throws IOException {
        Path output = work.resolve(name + ".out");
        Process process = new ProcessBuilder(command).redirectError(work.resolve(name + ".err").toFile())
                .redirectOutput(output.toFile()).start();
        processes.push(process);
        return new Started(process, output);
    }

    private void await(int admin) throws Exception {
        for (int i = 0; i < 600; i++) {
            try {
                HttpURLConnection asked = (HttpURLConnection) URI.create("http://127.0.0.1:" + admin + "/readyz")
                        .toURL().openConnection();
                if (asked.getResponseCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // It is starting.
            }
            Thread.sleep(50);
        }
        throw new IOException("the gateway is not ready; see " + work);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A token that nobody has seen. */
    String token(boolean elliptic) throws JOSEException {
        SignedJWT token = new SignedJWT(elliptic
                ? new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec").build()
                : new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build(), claims());
        token.sign(elliptic ? new ECDSASigner(ec) : new RSASSASigner(rsa));
        return token.serialize();
    }

    private static JWTClaimsSet claims() {
        return new JWTClaimsSet.Builder().issuer(ISSUER).audience("sluice")
                .subject("system:serviceaccount:search:indexer").jwtID(UUID.randomUUID().toString())
                .expirationTime(new Date(System.currentTimeMillis() + 3_600_000)).build();
    }

    /** One that is right in all but its signature. */
    String forged() throws JOSEException {
        String signed = token(true);
        SignedJWT other = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec").build(), claims());
        other.sign(new ECDSASigner(ec));
        return signed.substring(0, signed.lastIndexOf('.')) + other.serialize().substring(other.serialize()
                .lastIndexOf('.'));
    }

    /** Nanoseconds of processor time of the gateway, without what its compilers have used. */
    long cpuNanos() throws IOException {
        List<Path> tasks = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/" + gateway + "/task"))) {
            all.forEach(tasks::add);
        }
        long sum = 0;
        for (Path task : tasks) {
            try {
                if (!Files.readString(task.resolve("comm")).matches("(?s)C[12] Compiler.*")) {
                    sum += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
                }
            } catch (IOException ended) {
                // A thread less.
            }
        }
        return sum;
    }

    @Override
    public void close() throws Exception {
        for (Process each : processes) {
            each.destroy();
        }
        for (Process each : processes) {
            if (!each.waitFor(15, java.util.concurrent.TimeUnit.SECONDS)) {
                each.destroyForcibly();
            }
        }
    }
}
