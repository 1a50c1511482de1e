package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.EchoUpstream;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/**
 * Calls at once, of random sizes, that end in every way there is: afterwards limits, ledger and bill agree to the token, with
 * the upstream's own count and with a bill worked out elsewhere. {@code -Dsluice.calls} says how many.
 */
@Timeout(300)
class BalancedBooksTest {
    private static final int CALLS = Integer.getInteger("sluice.calls", 2_000);
    private static final int TENANTS = 8;
    private static final int CONNECTIONS = Math.ceilDiv(CALLS, 90);
    private static final long REQUESTS_A_DAY = 1_000_000;
    private static final long TOKENS_A_DAY = 1_000_000_000;
    private static final Map<String, List<String>> TIERS = Map.of("gpt-4o", List.of("default", "priority"),
            "gpt-4o-mini", List.of("default", "priority"), "gpt-5", List.of("default", "flex", "priority"), "o3",
            List.of("default", "flex", "priority"));
    private static final List<String> MODELS = List.of("gpt-4o", "gpt-4o-mini", "gpt-5", "o3");
    private static final String PIECE = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            + "forty characters, which are ten tokens. " + "\"},\"finish_reason\":null}]}\n\n";

    /** How the upstream answers. */
    private enum Way {
        WHOLE, STREAM, WITHOUT_USAGE, MISTAKE, FAILURE, NO_ANSWER, CUT, CUT_STREAM, CALLER_LEAVES
    }

    /** One call, all of it drawn from its number. */
    private record Plan(int number, Way way, String model, String tier, long input, long cached, long output,
            int maxTokens, int characters) {

        static Plan of(int number) {
            Random random = new Random(number);
            int dice = random.nextInt(100);
            Way way = dice < 45
                    ? Way.WHOLE
                    : dice < 60
                            ? Way.STREAM
                            : dice < 67
                                    ? Way.WITHOUT_USAGE
                                    : dice < 74
                                            ? Way.MISTAKE
                                            : dice < 81
                                                    ? Way.FAILURE
                                                    : dice < 87
                                                            ? Way.NO_ANSWER
                                                            : dice < 92
                                                                    ? Way.CUT
                                                                    : dice < 96 ? Way.CUT_STREAM : Way.CALLER_LEAVES;
            String model = MODELS.get(random.nextInt(MODELS.size()));
            List<String> tiers = TIERS.get(model);
            long input = 1L + random.nextInt(5_000);
            return new Plan(number, way, model, tiers.get(random.nextInt(tiers.size())), input,
                    random.nextInt((int) input), random.nextInt(3_000), 1 + random.nextInt(4_000),
                    random.nextInt(4_000));
        }

        String tenant() {
            return "t" + number % TENANTS;
        }

        boolean streams() {
            return way == Way.STREAM || way == Way.CUT_STREAM || way == Way.CALLER_LEAVES;
        }

        long inputEstimate() {
            return Math.ceilDiv((long) characters, 4);
        }

        JsonObject body() {
            JsonObject body = new JsonObject().put("model", model).put("max_tokens", maxTokens).put("seed", number)
                    .put("messages", new JsonArray().add(
                            new JsonObject().put("role", "user").put("content", "x".repeat(characters))));
            return streams() ? body.put("stream", true) : body;
        }

        JsonObject usage() {
            return new JsonObject().put("prompt_tokens", input).put("completion_tokens", output)
                    .put("prompt_tokens_details", new JsonObject().put("cached_tokens", cached));
        }
    }

    @TempDir
    private Path folder = Path.of("");

    private final ManualTime clock = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(clock)
            .listening("max-connections-per-address: 100%");
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final Map<String, Plan> planned = new ConcurrentHashMap<>();
    private final AtomicInteger over = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void everyTokenAndEveryDollarIsAccountedFor() throws Exception {
        EchoUpstream upstream = EchoUpstream.start(vertx,
                (request, body) -> answer(request, Plan.of(body.toJsonObject().getInteger("seed"))));
        StringBuilder tenants = new StringBuilder("cache: { mode: off }\ntenants:\n");
        for (int i = 0; i < TENANTS; i++) {
            tenants.append("""
                    - { name: t%d, keys: ["${T%d}"], rpm: 1000000, rpd: %d, tpd: %d, usd-per-month: 1000000 }
                    """.formatted(i, i, REQUESTS_A_DAY, TOKENS_A_DAY));
        }
        gateway.speakingTls(Certificate.selfSigned(folder, "127.0.0.1", "gateway", "-keyalg", "EC", "-startdate", "-2y",
                "-validity", "3650")).before(upstream.port()).upstream("""
                        connections: 2000
                        accounts: [{ name: main, rpm: 10000000, tpd: %d, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                        """.formatted(TOKENS_A_DAY)).start(tenants.toString());
        // All at once, but over few connections: each process may only have so many.
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setSsl(true).setUseAlpn(true)
                        .setTrustAll(true).setVerifyHost(false),
                new PoolOptions().setHttp2MaxSize(CONNECTIONS));
        IntStream.range(0, CALLS).forEach(number -> call(client, Plan.of(number)));
        Await.until("calls over", over::get, CALLS);
        assertThat(failures).isEmpty();
        Await.until("calls on record", () -> (long) gateway.metric("sluice_ledger_calls_total"), CALLS);
        gateway.restart();

        Path ledger = gateway.folder().resolve("ledger.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = connection.createStatement()) {
            Map<String, long[]> spent = compareCalls(statement);
            compareLimits(statement, spent);
        }
        JsonObject bill = bill(ledger);
        assertThat(bill.getJsonArray("wrong")).isEmpty();
        assertThat(bill.getInteger("rows")).isEqualTo(CALLS);
        client.close().await();
    }

    private void call(HttpClient client, Plan plan) {
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST)
                .setAbsoluteURI(gateway.baseUrl() + "/chat/completions")
                .putHeader("authorization", "Bearer " + gateway.key("T" + plan.number() % TENANTS))
                .putHeader("content-type", "application/json");
        client.request(options).compose(request -> request.send(plan.body().toBuffer())).onSuccess(response -> {
            planned.put(response.getHeader("x-sluice-request-id"), plan);
            if (plan.way() == Way.CALLER_LEAVES) {
                leaveAfterTwoPieces(response);
            } else {
                response.body().onComplete(whole -> over.incrementAndGet());
            }
        }).onFailure(failure -> {
            failures.add(plan + ": " + failure);
            over.incrementAndGet();
        });
    }

    private void leaveAfterTwoPieces(HttpClientResponse response) {
        Buffer seen = Buffer.buffer();
        response.handler(piece -> {
            seen.appendBuffer(piece);
            if (seen.length() == 2 * PIECE.length()) {
                response.request().reset();
                over.incrementAndGet();
            }
        });
        response.exceptionHandler(gone -> {
            // By its own doing.
        });
    }

    private static void answer(HttpServerRequest request, Plan plan) {
        HttpServerResponse response = request.response();
        JsonObject answer = new JsonObject().put("model", plan.model()).put("service_tier", plan.tier())
                .put("choices", new JsonArray().add(new JsonObject().put("index", 0).put("finish_reason", "stop")
                        .put("message", new JsonObject().put("content", "Yes."))));
        response.putHeader("content-type", plan.streams() ? "text/event-stream" : "application/json");
        switch (plan.way()) {
            case WHOLE -> response.end(answer.put("usage", plan.usage()).toBuffer());
            case WITHOUT_USAGE -> response.end(answer.toBuffer());
            case MISTAKE -> response.setStatusCode(400).end(error("invalid_request_error"));
            case FAILURE -> response.setStatusCode(500).end(error("server_error"));
            case NO_ANSWER -> request.connection().close();
            case CUT -> {
                Buffer whole = answer.put("usage", plan.usage()).toBuffer();
                response.putHeader("content-length", String.valueOf(whole.length()));
                response.write(whole.slice(0, 10)).onComplete(written -> request.connection().close());
            }
            case STREAM -> {
                response.setChunked(true);
                response.write(PIECE);
                response.write("data: " + answer.put("choices", new JsonArray()).put("usage", plan.usage()).encode()
                        + "\n\n");
                response.end("data: [DONE]\n\n");
            }
            case CUT_STREAM -> {
                response.setChunked(true);
                response.write(PIECE + PIECE).onComplete(written -> request.connection().close());
            }
            case CALLER_LEAVES -> {
                response.setChunked(true);
                response.write(PIECE + PIECE);
            }
        }
    }

    private static Buffer error(String type) {
        return new JsonObject().put("error", new JsonObject().put("message", "No.").put("type", type).putNull("param")
                .putNull("code")).toBuffer();
    }

    /** Returns what each tenant has spent by the table of endings: requests, tokens, picodollars, and the account's tokens. */
    private Map<String, long[]> compareCalls(Statement statement) throws Exception {
        Map<String, long[]> spent = new HashMap<>();
        int rows = 0;
        try (ResultSet call = statement.executeQuery("SELECT * FROM call")) {
            while (call.next()) {
                rows++;
                Plan plan = planned.get(call.getString("id"));
                assertThat(plan).as(call.getString("id")).isNotNull();
                long input = call.getLong("input_tokens");
                long output = call.getLong("output_tokens");
                boolean estimated = call.getInt("estimated") == 1;
                String told = plan + ": " + call.getString("outcome") + ' ' + call.getInt("status");
                assertThat(call.getString("tenant")).as(told).isEqualTo(plan.tenant());
                assertThat(estimated).as(told).isEqualTo(
                        switch (plan.way()) {
                            case WHOLE, STREAM, MISTAKE, FAILURE -> false;
                            default -> true;
                        });
                long[] sums = spent.computeIfAbsent(plan.tenant(), fresh -> new long[4]);
                sums[0]++;
                sums[2] += call.getLong("picodollars");
                switch (plan.way()) {
                    case WHOLE, STREAM -> {
                        assertThat(List.of(input, call.getLong("cached_tokens"), output)).as(told)
                                .isEqualTo(List.of(plan.input(), plan.cached(), plan.output()));
                        assertThat(call.getString("served_model")).as(told).isEqualTo(plan.model());
                        assertThat(call.getString("service_tier")).as(told).isEqualTo(plan.tier());
                        sums[1] += input + output;
                        sums[3] += input + output;
                    }
                    case MISTAKE, FAILURE -> {
                        assertThat(List.of(input, output)).as(told).isEqualTo(List.of(0L, 0L));
                        sums[3] += plan.inputEstimate();
                    }
                    case WITHOUT_USAGE, NO_ANSWER -> {
                        assertThat(input).as(told).isEqualTo(plan.inputEstimate());
                        assertThat(output).as(told).isBetween(0L, (long) plan.maxTokens());
                        sums[1] += input + output;
                        sums[3] += input + plan.maxTokens();
                    }
                    case CUT, CUT_STREAM, CALLER_LEAVES -> {
                        assertThat(input).as(told).isEqualTo(plan.inputEstimate());
                        sums[1] += Math.max(input, output);
                        sums[3] += Math.max(input, output);
                    }
                }
            }
        }
        assertThat(rows).isEqualTo(CALLS);
        return spent;
    }

    private static void compareLimits(Statement statement, Map<String, long[]> spent) throws Exception {
        Map<String, Long> levels = new HashMap<>();
        try (ResultSet level = statement.executeQuery("SELECT owner, name, remaining FROM day_level")) {
            while (level.next()) {
                levels.put(level.getString("owner") + ' ' + level.getString("name"), level.getLong("remaining"));
            }
        }
        spent.forEach((tenant, sums) -> {
            String owner = "tenant/" + tenant;
            assertThat(levels).as(tenant).containsEntry(owner + " rpd", REQUESTS_A_DAY - sums[0])
                    .containsEntry(owner + " tpd", TOKENS_A_DAY - sums[1])
                    .containsEntry(owner + " usd-per-month", -sums[2]);
        });
        long ofAccount = spent.values().stream().mapToLong(sums -> sums[3]).sum();
        assertThat(levels).containsEntry("account/main tpd", TOKENS_A_DAY - ofAccount);
    }

    private static JsonObject bill(Path ledger) throws Exception {
        Path script = Path.of("src/test/resources/sluice/price/bill.py");
        Process python = new ProcessBuilder("python3", script.toString(), ledger.toString()).redirectErrorStream(true)
                .start();
        String printed = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(python.waitFor()).as(printed).isZero();
        return new JsonObject(printed);
    }
}
