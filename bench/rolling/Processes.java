import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the bench has started: a simulated OpenAI, Redis, gateways; each a process of its own that ends with it. */
final class Processes implements AutoCloseable {
    /** The version that was built here. */
    static final Path THIS = Path.of("target", "sluice.jar");

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Process> all = new ArrayList<>();
    private final Path folder;
    private final String java;
    final int simulator = freePort();

    Processes(Path folder, String java) throws Exception {
        this.folder = folder;
        this.java = java;
        start("simulator", java, "-Xmx256m", "-jar", "target/sluice.jar", "simulate", "--port",
                Integer.toString(simulator), "--account", "main=sk-simulator:rpm=1000000", "--latency", "30ms",
                "--chunks", "100", "--chunk-interval", "200ms");
        await(simulator, "/simulator/statistics");
    }

    /** Redis, on a port that it reports. */
    int redis() throws Exception {
        int port = freePort();
        start("redis", "redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no");
        return port;
    }

    /** A gateway of this version; ready when its admin port says so. */
    Process gateway(String name, Path config, int adminPort) throws Exception {
        return gateway(name, THIS, config, adminPort);
    }

    /** A gateway of any version. */
    Process gateway(String name, Path jar, Path config, int adminPort) throws Exception {
        Process gateway = start(name, java, "-Xmx256m", "-jar", jar.toString(), "serve", "--config",
                config.toString());
        await(adminPort, "/readyz");
        return gateway;
    }

    private Process start(String name, String... command) throws IOException {
        Process process = new ProcessBuilder(Arrays.asList(command)).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".log").toFile())).start();
        all.add(process);
        return process;
    }

    /** The value of a series, 0 if there is none. */
    double metric(int adminPort, String series) throws Exception {
        return get(adminPort, "/metrics").lines().filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).findFirst()
                .orElse(0);
    }

    String get(int port, String path) throws Exception {
        return client.send(request(port, path), BodyHandlers.ofString()).body();
    }

    /** The status of an answer to a call with this key. */
    int status(int port, String path, String key) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("authorization", "Bearer " + key).timeout(Duration.ofSeconds(5)).build(),
                BodyHandlers.discarding()).statusCode();
    }

    /** Whether it answers 200. */
    boolean answers(int port, String path) {
        try {
            return client.send(request(port, path), BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(Duration.ofSeconds(5))
                .build();
    }

    void await(int port, String path) throws Exception {
        for (int tries = 0; !answers(port, path); tries++) {
            if (tries > 600) {
                throw new IllegalStateException("port " + port + " does not answer; see the logs in " + folder);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    @Override
    public void close() throws Exception {
        client.close();
        for (Process process : all.reversed()) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }
}
