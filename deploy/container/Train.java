import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a gateway as the image will run it, and some calls through it, so that the JVM writes its AOT cache. */
final class Train {
    private static final String KEY = "sk-sluice-training-only";
    private static final int ROUNDS = 25;
    private static final String CONFIG = """
            listen: { host: 127.0.0.1, port: 18080 }
            admin: { host: 127.0.0.1, port: 19090 }
            upstream:
              base-url: http://127.0.0.1:18081/v1
              accounts: [{ name: main, rpm: 60000, strict: false, keys: [sk-simulator] }]
            tenants: [{ name: training, rpm: 60000, rpd: 1000000, tpm: 100000000, keys: [%s] }]
            drain: { delay: 1ms, grace: 5s }
            ledger: { url: "sqlite:%s" }
            """;

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Takes the command of the image: the java of its runtime and its options, up to and with the jar. */
    public static void main(String[] command) throws Exception {
        new Train().run(List.of(command));
    }

    private void run(List<String> command) throws Exception {
        Path folder = Files.createTempDirectory("training");
        String content = CONFIG.formatted(KEY, folder.resolve("ledger.db"));
        Path config = Files.writeString(folder.resolve("sluice.yaml"), content);
        Process simulator = start(List.of("java", "-jar", command.getLast(), "simulate", "--port", "18081",
                "--account", "main=sk-simulator:rpm=60000", "--latency", "1ms", "--chunk-interval", "1ms"));
        try {
            List<String> gateway = new ArrayList<>(command);
            gateway.addAll(List.of("serve", "--config", config.toString()));
            Process trained = start(gateway);
            await();
            call();
            trained.destroy();
            if (!trained.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the gateway did not end");
            }
        } finally {
            simulator.destroy();
        }
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).inheritIO()
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    private void await() throws InterruptedException {
        for (int tries = 0; tries < 300; tries++) {
            try {
                if (get("http://127.0.0.1:19090/readyz") == 200 && get("http://127.0.0.1:18081/v1/models") > 0) {
                    return;
                }
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        throw new IllegalStateException("the gateway did not become ready");
    }

    /** Misses, hits, streams, a wrong key and a scrape. */
    private void call() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            for (boolean stream : new boolean[]{false, true}) {
                expect(200, chat(KEY, "round " + round, stream));
                expect(200, chat(KEY, "the same", stream));
            }
            expect(401, chat("sk-sluice-of-nobody", "round " + round, false));
            expect(200, get("http://127.0.0.1:19090/metrics"));
        }
    }

    private int chat(String key, String text, boolean stream) throws IOException, InterruptedException {
        String body = """
                {"model":"gpt-4o-mini","stream":%s,"messages":[{"role":"user","content":"%s"}]}"""
                .formatted(stream, text);
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:18080/v1/chat/completions"))
                .header("authorization", "Bearer " + key).header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private int get(String url) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url)));
    }

    private int send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    private static void expect(int status, int got) {
        if (got != status) {
            throw new IllegalStateException("answered " + got + " (expected: " + status + ")");
        }
    }
}
