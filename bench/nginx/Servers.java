import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The upstreams, nginx and Sluice, each with a configuration written for it. */
final class Servers {

    /** A port to send load to, and the process behind it; no process where the upstream itself is meant. */
    record Target(String name, int port, boolean tls, long pid) {

        boolean jvm() {
            return name.startsWith("sluice") || name.startsWith("vertx");
        }
    }

    /** How a gateway of ours differs from the plain one. */
    record Variant(String name, int tenants, boolean tlsIn, boolean tlsOut, boolean events, String cache,
            List<String> flags, String cores) {

        static Variant plain(String name) {
            return new Variant(name, 64, false, false, false, "{ mode: identical, max-size: 64MiB }", List.of(),
                    Shell.GATEWAY);
        }

        Variant tenants(int count) {
            return new Variant(name, count, tlsIn, tlsOut, events, cache, flags, cores);
        }

        Variant tls(boolean in, boolean out) {
            return new Variant(name, tenants, in, out, events, cache, flags, cores);
        }

        Variant toEvents() {
            return new Variant(name, tenants, tlsIn, tlsOut, true, cache, flags, cores);
        }

        Variant cache(String settings) {
            return new Variant(name, tenants, tlsIn, tlsOut, events, settings, flags, cores);
        }

        Variant flags(String... more) {
            return new Variant(name, tenants, tlsIn, tlsOut, events, cache, List.of(more), cores);
        }

        Variant cores(String list) {
            return new Variant(name, tenants, tlsIn, tlsOut, events, cache, flags, list);
        }
    }

    private static final String USAGE = "\"usage\":{\"prompt_tokens\":38,\"completion_tokens\":52,\"total_tokens\":90,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0}}";

    final Path directory;
    final int json = freePort();
    final int jsonTls = freePort();
    final int events = freePort();
    private final List<String> jvmFlags;

    Servers(Path directory, List<String> jvmFlags) throws IOException {
        this.directory = directory;
        this.jvmFlags = jvmFlags;
        Files.createDirectories(directory);
        Shell.output(List.of("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", directory.resolve("key.pem").toString(), "-out",
                directory.resolve("certificate.pem").toString()));
    }

    /** Starts both upstreams. */
    void startUpstreams() throws IOException {
        Path conf = fill("upstream.conf", "upstream-json", Map.of("PORT", json, "TLS_PORT", jsonTls, "SMALL",
                answer("chat.completion", 700), "LARGE", answer("text_completion", 4096)));
        nginx(Shell.REST, conf, "upstream-json");
        Shell.start(Shell.REST, directory.resolve("events.log"),
                List.of(directory.resolve("upstream").toString(), Integer.toString(events)));
        await(json);
        await(events);
    }

    /** An answer of a given length, as OpenAI gives it. */
    private static String answer(String object, int length) {
        boolean chat = object.startsWith("chat");
        String before = "{\"id\":\"chatcmpl-C9rHG2bTq0yR4nX8sVw1LkZ5dE3f\",\"object\":\"" + object
                + "\",\"created\":1764000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,"
                + (chat ? "\"message\":{\"role\":\"assistant\",\"content\":\"" : "\"text\":\"");
        String after = "\"" + (chat ? ",\"refusal\":null}" : "") + ",\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                + USAGE + ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_560af6e559\"}";
        return before + "word ".repeat((length - before.length() - after.length()) / 5) + after;
    }

    /** nginx as the gateway; gives its ports: JSON, TLS in, TLS out, events. */
    List<Target> startNginx(String name, int tenants) throws IOException {
        StringBuilder map = new StringBuilder();
        for (int i = 0; i < tenants; i++) {
            map.append("\"Bearer ").append(key(i)).append("\" tenant-").append(i).append(";\n");
        }
        Path home = Files.createDirectories(directory.resolve(name));
        Files.writeString(home.resolve("tenants.map"), map);
        Files.copy(directory.resolve("key.pem"), home.resolve("key.pem"));
        Files.copy(directory.resolve("certificate.pem"), home.resolve("certificate.pem"));
        int[] ports = {freePort(), freePort(), freePort(), freePort()};
        String buffer = System.getProperty("nginx.log.buffer", "");
        Path conf = fill("gateway.conf", name, Map.of("JSON_PORT", ports[0], "TLS_IN_PORT", ports[1], "TLS_OUT_PORT",
                ports[2], "EVENTS_PORT", ports[3], "UPSTREAM", json, "UPSTREAM_TLS", jsonTls, "EVENTS", events,
                "LOG_BUFFER", buffer));
        long pid = nginx(Shell.GATEWAY, conf, name).pid();
        await(ports[0]);
        long worker = workerOf(pid);
        return List.of(new Target(name, ports[0], false, worker), new Target(name, ports[1], true, worker),
                new Target(name, ports[2], false, worker), new Target(name, ports[3], false, worker));
    }

    /** The master listens before its worker is there. */
    private static long workerOf(long master) {
        while (true) {
            Optional<ProcessHandle> worker = ProcessHandle.of(master).orElseThrow().children().findFirst();
            if (worker.isPresent()) {
                return worker.get().pid();
            }
            nap(5);
        }
    }

    private Process nginx(String core, Path conf, String name) {
        return Shell.start(core, directory.resolve(name + ".log"),
                List.of("nginx", "-e", directory.resolve(name + ".log").toString(), "-c", conf.toString()));
    }

    /** A running gateway of ours. */
    record Sluice(Process process, Target target, int admin, Path gcLog) {}

    /** Starts Sluice and waits until it has answered. */
    Sluice startSluice(Variant variant) throws IOException {
        Sluice started = launch(variant);
        firstAnswer(started);
        return started;
    }

    /** Starts Sluice and does not wait. */
    Sluice launch(Variant variant) throws IOException {
        int port = freePort();
        int admin = freePort();
        Path home = Files.createDirectories(directory.resolve(variant.name()));
        Path config = Files.writeString(home.resolve("sluice.yaml"), config(variant, port, admin));
        Path gc = home.resolve("gc.log");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(jvmFlags);
        command.add("-Xlog:gc:file=" + gc + "::filecount=0");
        command.addAll(variant.flags());
        command.addAll(List.of("-jar", "target/sluice.jar", "serve", "--config", config.toString()));
        Process process = Shell.start(variant.cores(), home.resolve("access.log"), command);
        return new Sluice(process, new Target(variant.name(), port, variant.tlsIn(), process.pid()), admin, gc);
    }

    /** A gateway that only relays, by Vert.x. */
    Sluice startBare(String name) {
        int port = freePort();
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(jvmFlags);
        command.addAll(List.of("-cp", "target/lib/*", "bench/nginx/Bare.java", Integer.toString(port),
                Integer.toString(json)));
        Process process = Shell.start("0,1", directory.resolve(name + ".log"), command);
        Sluice started = new Sluice(process, new Target(name, port, false, process.pid()), 0, Path.of(""));
        firstAnswer(started);
        return started;
    }

    /** Asks, again and again, until there is an answer. */
    static void firstAnswer(Sluice gateway) {
        if (gateway.target().tls()) {
            await(gateway.target().port());
            return;
        }
        long until = System.nanoTime() + 30_000_000_000L;
        while (!answers(gateway.target().port())) {
            if (System.nanoTime() > until || !gateway.process().isAlive()) {
                throw new IllegalStateException(gateway.target().name() + " does not answer; see its access.log");
            }
            nap(1);
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String body = "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Are you there?\"}],"
                    + "\"max_tokens\":1,\"metadata\":{\"interval\":\"0\"},\"stream\":false}";
            socket.getOutputStream().write(("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                    + "Bearer " + key(0) + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
            byte[] head = socket.getInputStream().readNBytes(12);
            return new String(head, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException notYet) {
            return false;
        }
    }

    private String config(Variant variant, int port, int admin) {
        String url = variant.tlsOut() ? "https://localhost:" + jsonTls
                : "http://127.0.0.1:" + (variant.events() ? events : json);
        StringBuilder yaml = new StringBuilder("listen: { host: 127.0.0.1, port: " + port);
        if (variant.tlsIn()) {
            yaml.append(", tls: { certificate: ").append(directory.resolve("certificate.pem")).append(", key: ")
                    .append(directory.resolve("key.pem")).append(" }");
        }
        yaml.append(" }\nadmin: { host: 127.0.0.1, port: ").append(admin).append(" }\nupstream:\n  base-url: ")
                .append(url).append("/v1\n  connections: 4096\n");
        if (variant.tlsOut()) {
            yaml.append("  http2: false\n  ca-file: ").append(directory.resolve("certificate.pem")).append('\n');
        }
        yaml.append("  accounts: [{ name: main, rpm: 10000000, tpm: 1000000000, strict: true, ")
                .append("keys: [\"sk-upstream\"] }]\n");
        yaml.append("cache: ").append(variant.cache()).append("\ndrain: { delay: 0s, grace: 1s }\ntenants:\n");
        yaml.append("  - { name: spent, rpm: 1, keys: [\"sk-sluice-bench-key-of-spent\"] }\n");
        for (int i = 0; i < variant.tenants(); i++) {
            yaml.append("  - { name: tenant-").append(i).append(", rpm: 100000000, tpm: 1000000000, keys: [\"")
                    .append(key(i)).append("\"] }\n");
        }
        return yaml.toString();
    }

    private static String key(int tenant) {
        return "sk-sluice-bench-key-of-tenant-" + tenant;
    }

    /** Writes a configuration from its template next to this file. */
    private Path fill(String template, String name, Map<String, Object> values) throws IOException {
        String text = Files.readString(Path.of("bench/nginx", template));
        Path home = Files.createDirectories(directory.resolve(name));
        for (Map.Entry<String, Object> value : values.entrySet()) {
            text = text.replace('@' + value.getKey() + '@', value.getValue().toString());
        }
        text = text.replace("@DIR@", template.startsWith("upstream") ? directory.toString() : home.toString());
        return Files.writeString(home.resolve("nginx.conf"), text);
    }

    private int freePort() {
        while (true) {
            int port = 20000 + java.util.concurrent.ThreadLocalRandom.current().nextInt(10000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // Another one.
            }
        }
    }

    static void await(int port) {
        for (int tries = 0; tries < 3000; tries++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                nap(5);
            }
        }
        throw new IllegalStateException("port " + port + " does not answer");
    }

    static void nap(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
