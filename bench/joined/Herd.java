import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Many clients ask the same new thing at once: one call upstream, one answer, and memory that stays bounded. */
final class Herd {
    private static final int REPLICAS = 3;
    private static final int CLIENTS = 1_000;
    private static final int ROUNDS = 10;
    /** How much more a replica may use after all rounds than after the first two, in MiB. */
    private static final double MORE = 16;

    private final Lab lab;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Lab.Replica> shared = new ArrayList<>();
    private int simulator;

    Herd(Lab lab) {
        this.lab = lab;
    }

    void run() throws Exception {
        int redis = Lab.freePort();
        lab.redis(redis);
        simulator = lab.simulator();
        for (int i = 0; i < REPLICAS; i++) {
            shared.add(lab.gateway(simulator, "redis://127.0.0.1:" + redis));
        }
        List<Lab.Replica> alone = List.of(lab.gateway(simulator, ""));
        for (boolean stream : new boolean[]{false, true}) {
            rounds(alone, stream);
            rounds(shared, stream);
        }
    }

    private void rounds(List<Lab.Replica> replicas, boolean stream) throws Exception {
        String name = (stream ? "stream" : "json") + " at " + replicas.size();
        List<Lab.Memory> before = List.of();
        List<Double> millis = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            if (round == 2) {
                before = memory(replicas);
            }
            millis.add(round(replicas, stream, name + ", round " + round));
        }
        List<Lab.Memory> after = memory(replicas);
        millis.sort(null);
        System.out.printf("%s: median %.0f ms, slowest %.0f ms%n", name, millis.get(ROUNDS / 2), millis.getLast());
        for (int i = 0; i < replicas.size(); i++) {
            System.out.printf("%s: replica %d, after two rounds: %s; after %d: %s%n", name, i, before.get(i), ROUNDS,
                    after.get(i));
            Joined.must(after.get(i).heap() - before.get(i).heap() <= MORE
                    && after.get(i).direct() - before.get(i).direct() <= MORE, name + ": memory stays bounded");
        }
    }

    private List<Lab.Memory> memory(List<Lab.Replica> replicas) throws Exception {
        List<Lab.Memory> all = new ArrayList<>();
        for (Lab.Replica each : replicas) {
            all.add(lab.memory(each));
        }
        return all;
    }

    /** Returns how long it took until the last client had its answer, in milliseconds. */
    private double round(List<Lab.Replica> replicas, boolean stream, String prompt) throws Exception {
        long calls = upstream();
        long began = System.nanoTime();
        List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, CLIENTS)
                .mapToObj(i -> client.sendAsync(request(replicas.get(i % replicas.size()), prompt, stream),
                        BodyHandlers.ofString()))
                .toList();
        Set<String> answers = new HashSet<>();
        Map<String, Integer> found = new TreeMap<>();
        for (CompletableFuture<HttpResponse<String>> each : asked) {
            HttpResponse<String> answer = each.orTimeout(60, TimeUnit.SECONDS).join();
            answers.add(answer.statusCode() + answer.body());
            found.merge(answer.headers().firstValue("x-sluice-cache").orElse("none"), 1, Integer::sum);
        }
        double millis = (System.nanoTime() - began) / 1e6;
        calls = upstream() - calls;
        System.out.printf("%s: %d clients, %d calls upstream, %d different answers of %d bytes, %s, %.0f ms%n", prompt,
                CLIENTS, calls, answers.size(), answers.iterator().next().length() - 3, found, millis);
        Joined.must(calls == 1 && answers.size() == 1 && answers.iterator().next().startsWith("200"),
                prompt + ": one call upstream, and one answer");
        Joined.must(!stream || answers.iterator().next().endsWith("data: [DONE]\n\n"), prompt + ": a whole stream");
        return millis;
    }

    private static HttpRequest request(Lab.Replica replica, String prompt, boolean stream) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + replica.port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + Lab.KEY).header("content-type", "application/json")
                .POST(BodyPublishers.ofString(Joined.body(prompt, stream))).build();
    }

    private long upstream() throws Exception {
        String json = lab.get(simulator, "/simulator/statistics");
        return Long.parseLong(json.replaceAll("(?s).*?\"requests\"\\s*:\\s*(\\d+).*", "$1"));
    }
}
