import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;

/** What a Redis costs that is well, hangs, or is dead: misses, one after another. */
final class SlowRedis {
    private static final int CALLS = 100;
    /** The time-out of the second tier. */
    private static final double TIMEOUT_MILLIS = 25;

    private final Lab lab;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    SlowRedis(Lab lab) {
        this.lab = lab;
    }

    void run() throws Exception {
        int port = Lab.freePort();
        Process redis = lab.redis(port);
        int simulator = lab.simulator();
        Lab.Replica alone = lab.gateway(simulator, "");
        Lab.Replica shared = lab.gateway(simulator, "redis://127.0.0.1:" + port);
        times("warm-up", alone);
        double without = times("no second tier", alone);
        times("warm-up", shared);
        bound("well", times("well", shared), without);
        new ProcessBuilder("kill", "-STOP", Long.toString(redis.pid())).start().waitFor();
        bound("hangs", times("hangs", shared), without);
        new ProcessBuilder("kill", "-CONT", Long.toString(redis.pid())).start().waitFor();
        Thread.sleep(2_000);
        redis.destroyForcibly().waitFor();
        bound("dead", times("dead", shared), without);
    }

    private static void bound(String what, double with, double without) {
        Joined.must(with - without <= TIMEOUT_MILLIS, what + ": the time added at p99 is at most the time-out");
    }

    /** The 99th percentile in milliseconds. */
    private double times(String what, Lab.Replica replica) throws Exception {
        List<Double> millis = new ArrayList<>();
        int errors = 0;
        for (int i = 0; i < CALLS; i++) {
            long began = System.nanoTime();
            HttpResponse<String> answer = client.send(HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + replica.port() + "/v1/chat/completions"))
                    .header("authorization", "Bearer " + Lab.KEY).header("content-type", "application/json")
                    .POST(BodyPublishers.ofString(Joined.body(what + " " + i + " " + began, false))).build(),
                    BodyHandlers.ofString());
            millis.add((System.nanoTime() - began) / 1e6);
            errors += answer.statusCode() == 200 ? 0 : 1;
        }
        millis.sort(null);
        double p99 = millis.get(CALLS * 99 / 100);
        System.out.printf("%s: p50 %.1f ms, p99 %.1f ms, %d errors%n", what, millis.get(CALLS / 2), p99, errors);
        Joined.must(errors == 0, what + ": no call fails");
        return p99;
    }
}
