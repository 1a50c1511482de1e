package sluice.simulator;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import sluice.testing.ManualTime;

/** A simulator with a manual clock, and a client that calls it and waits for the answer. */
public final class Caller {
    public static final String KEY = "sk-simulator";

    public final ManualTime time = new ManualTime();
    public final Simulator simulator;
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public Caller(Simulator.Settings settings) throws Exception {
        simulator = Simulator.start(vertx, settings, time.time()).toCompletionStage().toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    /** The official SDK, which validates every answer and retries none. */
    public OpenAIClient sdk() {
        return OpenAIOkHttpClient.builder().baseUrl(url() + "/v1").apiKey(KEY).maxRetries(0).responseValidation(true)
                .build();
    }

    /** Posts with the default key; headers are names and values in turn. */
    public HttpResponse<String> post(String path, String json, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of(headers));
        if (!all.contains("authorization")) {
            all.add("authorization");
            all.add("Bearer " + KEY);
        }
        return send(request(path, all).POST(BodyPublishers.ofString(json)));
    }

    public JsonObject json(String path, String json, String... headers) throws Exception {
        return new JsonObject(post(path, json, headers).body());
    }

    public HttpResponse<String> get(String path, String... headers) throws Exception {
        return send(request(path, List.of(headers)).GET());
    }

    public HttpResponse<String> put(String path, String json) throws Exception {
        return send(request(path, List.of()).PUT(BodyPublishers.ofString(json)));
    }

    private HttpRequest.Builder request(String path, List<String> headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(url() + path));
        return headers.isEmpty() ? builder : builder.headers(headers.toArray(String[]::new));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    public String url() {
        return "http://127.0.0.1:" + simulator.port();
    }

    public Vertx vertx() {
        return vertx;
    }

    /** Waits for what the simulator will soon have done; every look goes through its event loop. */
    public void until(BooleanSupplier condition) throws Exception {
        while (!condition.getAsBoolean()) {
            get("/simulator/faults");
        }
    }

    public void close() throws Exception {
        client.shutdownNow();
        simulator.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
