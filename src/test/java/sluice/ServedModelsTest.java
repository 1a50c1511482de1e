package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;
import static sluice.testing.AdminClient.error;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.ModelHost;
import sluice.testing.RawSocket;
import sluice.testing.TestGateway;

/** Accounts that serve different models: a call is offered only to those that serve its own. */
@Timeout(60)
class ServedModelsTest {
    private static final String TENANTS = """
            cache: { mode: off }
            tenants:
              - { name: bot, rpm: 1000, endpoints: ["*"], keys: ["${BOT}"] }
            """;

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");
    private final Vertx vertx = Vertx.vertx();
    private final ModelHost azure = ModelHost.start(vertx, "gpt-4o", "gpt-4o-mini");
    private final ModelHost openai = ModelHost.start(vertx, "gpt-5", "whisper-1", "gpt-realtime");
    private final ModelHost spare = ModelHost.start(vertx, "gpt-5", "gpt-4o");
    private int asked;

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static String account(String name, ModelHost host, String more) {
        return "  - { name: %s, base-url: \"%s\", strict: false, keys: [\"${UPSTREAM_KEY_%s}\"], %s }\n".formatted(name,
                host.baseUrl(), name.toUpperCase(Locale.ROOT), more);
    }

    private void accounts(String ofAzure, String ofOpenai) {
        gateway.upstream("accounts:\n" + account("azure", azure, ofAzure) + account("openai", openai, ofOpenai));
    }

    private void start() {
        start(TENANTS);
    }

    private void start(String tenants) {
        accounts("rpm: 6000, serves: [\"gpt-4o*\"]", "rpm: 6000, serves: [gpt-5, whisper-1, \"gpt-real*\"]");
        gateway.start(tenants);
    }

    private JsonObject chat(String model) {
        return new JsonObject().put("model", model).put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + ++asked)));
    }

    private HttpResponse<String> ask(String model) {
        return gateway.post("/chat/completions", "BOT", chat(model));
    }

    private CompletableFuture<HttpResponse<String>> askAsync(String model) {
        return gateway.sendAsync(gateway.request("/chat/completions", gateway.key("BOT"))
                .POST(BodyPublishers.ofString(chat(model).encode())));
    }

    private HttpResponse<String> get(String path) {
        return gateway.send(gateway.request(path, gateway.key("BOT")).GET());
    }

    private static String part(String name, String value) {
        return "--x\r\ncontent-disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private HttpResponse<String> transcribe(String... parts) {
        return gateway.send(HttpRequest.newBuilder(URI.create(gateway.baseUrl() + "/audio/transcriptions"))
                .header("authorization", "Bearer " + gateway.key("BOT"))
                .header("content-type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofString(String.join("", parts) + "--x--\r\n")));
    }

    private static void assertNotFound(HttpResponse<String> answer, String model, String remedy) {
        JsonObject error = error(404, answer);
        assertThat(error.getString("code")).isEqualTo("model_not_found");
        assertThat(error.getString("type")).isEqualTo("invalid_request_error");
        assertThat(error.getString("param")).isEqualTo("model");
        assertThat(error.getString("message")).contains("'" + model + "'").contains(remedy).contains("serves");
        assertThat(answer.headers().firstValue("x-sluice-error-source")).contains("tenant");
    }

    @Test
    void callsOfEveryKindGoWhereTheirModelIsServed() {
        start();
        for (int i = 0; i < 5; i++) {
            assertThat(ask("gpt-4o-mini").statusCode()).isEqualTo(200);
            assertThat(ask("gpt-5").statusCode()).isEqualTo(200);
            HttpResponse<String> stream = gateway.post("/chat/completions", "BOT", chat("gpt-5").put("stream", true));
            assertThat(stream.body()).contains("data: [DONE]");
            assertThat(transcribe(part("model", "whisper-1"), part("file", "abc")).statusCode()).isEqualTo(200);
        }
        assertThat(azure.asked()).hasSize(5).containsOnly("gpt-4o-mini");
        assertThat(openai.asked()).hasSize(15).containsOnly("gpt-5", "whisper-1");
        assertThat(get("/files").statusCode()).isEqualTo(200);
        assertThat(azure.asked()).as("without a model: the home account").hasSize(6).last().isEqualTo("/v1/files");
    }

    @Test
    void callsDrawnToOneAccountAreDrawnToOneThatServesThem() {
        gateway.upstream("accounts:\n" + account("azure", azure, "rpm: 6000, serves: [gpt-4o]")
                + account("openai", openai, "rpm: 6000, serves: [gpt-5]")
                + account("spare", spare, "rpm: 6000, serves: [gpt-5]")).start(TENANTS);
        for (int i = 0; i < 20; i++) {
            assertThat(gateway.post("/chat/completions", "BOT", chat("gpt-5").put("prompt_cache_key", "key " + i))
                    .statusCode()).isEqualTo(200);
        }
        assertThat(azure.asked()).isEmpty();
        assertThat(openai.asked()).isNotEmpty();
        assertThat(spare.asked()).isNotEmpty();
    }

    @Test
    void failedCallIsTriedAgainOnlyWhereItsModelIsServed() {
        gateway.upstream("accounts:\n" + account("azure", azure, "rpm: 6000, serves: [\"gpt-4o*\"]")
                + account("spare", spare, "rpm: 6000, serves: [gpt-5]")
                + account("openai", openai, "rpm: 6000, serves: [gpt-5]") + "retries: { budget: 100% }").start(TENANTS);
        azure.fails(1);
        assertThat(ask("gpt-4o").statusCode()).as("at the same account, since no other serves it").isEqualTo(200);
        assertThat(azure.asked()).containsExactly("gpt-4o", "gpt-4o");
        openai.fails(1);
        spare.fails(1);
        assertThat(ask("gpt-5").statusCode()).isEqualTo(200);
        assertThat(openai.asked().size() + spare.asked().size()).isEqualTo(3);
        assertThat(azure.asked()).hasSize(2);
    }

    @Test
    void exhaustedAccountIsWaitedForWhileAnotherIsFree() {
        accounts("rpm: 60, burst: 1, serves: [\"gpt-4o*\"]", "rpm: 6000, serves: [gpt-5]");
        gateway.start(TENANTS);
        ask("gpt-4o");
        HttpResponse<String> second = ask("gpt-4o");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(Integer.parseInt(second.headers().firstValue("x-sluice-wait-ms").orElseThrow())).isPositive();
        assertThat(azure.asked()).containsExactly("gpt-4o", "gpt-4o");
        assertThat(openai.asked()).isEmpty();
    }

    @Test
    void callsThatWaitForOneAccountDoNotHoldUpThoseForAnother() {
        gateway.at(new ManualTime());
        accounts("rpm: 60, burst: 1, serves: [\"gpt-4o*\"]", "rpm: 6000, burst: 100, serves: [gpt-5]");
        gateway.start(TENANTS);
        ask("gpt-4o");
        List<CompletableFuture<HttpResponse<String>>> waiting = IntStream.range(0, 3)
                .mapToObj(i -> askAsync("gpt-4o")).toList();
        awaitWaiting(3);
        for (int i = 0; i < 20; i++) {
            assertThat(ask("gpt-5").statusCode()).isEqualTo(200);
        }
        assertThat(openai.asked()).hasSize(20);
        waiting.forEach(call -> call.cancel(true));
        awaitWaiting(0);
    }

    private void awaitWaiting(int expected) {
        Await.until("calls that wait", () -> new JsonObject(
                new AdminClient(gateway.adminUrl(), gateway.key("ADMIN")).get("/queue").body()).getInteger("waiting"),
                expected);
    }

    @Test
    void modelThatNoAccountServesIsNotFoundAndCostsNothing() {
        gateway.at(new ManualTime());
        start("tenants: [{ name: bot, rpm: 1000, tpm: 1000000, usd-per-day: 10, keys: [\"${BOT}\"] }]\n");
        HttpResponse<String> refused = ask("no-such-model");
        assertNotFound(refused, "no-such-model", "operators");
        assertNotFound(transcribe(part("model", "gpt-6"), part("file", "a".repeat(1_000_000))), "gpt-6", "operators");
        assertThat(azure.asked()).isEmpty();
        assertThat(openai.asked()).isEmpty();
        JsonObject left = new JsonObject(get("/sluice/limits").body());
        left.getJsonArray("limits").forEach(each -> {
            JsonObject limit = (JsonObject) each;
            assertThat(limit.getLong("remaining")).as(limit.encode()).isEqualTo(limit.getLong("amount"));
        });
        JsonObject budget = left.getJsonArray("budgets").getJsonObject(0);
        assertThat(budget.getDouble("remaining_usd")).isEqualTo(10);
        JsonObject line = gateway.log().calls(3).getFirst();
        assertThat(line.getInteger("status")).isEqualTo(404);
        assertThat(line.getString("outcome")).isEqualTo("tenant");
        assertThat(line.getString("code")).isEqualTo("model_not_found");
        assertThat(line.getString("model")).isEqualTo("no-such-model");
        assertThat(line.getInteger("attempts", 0)).isZero();
        assertThat(gateway.metrics().lines()).anyMatch(metric -> metric.startsWith("sluice_requests_total{")
                && metric.contains("code=\"404\"") && metric.contains("outcome=\"tenant\""));
    }

    @Test
    void callThatStoresSomethingStaysAtTheHomeAccountAndSaysWhy() {
        start();
        JsonObject call = new JsonObject().put("model", "gpt-5").put("input", "Hello");
        assertNotFound(gateway.post("/responses", "BOT", call), "gpt-5", "'store': false");
        assertThat(gateway.post("/responses", "BOT", call.copy().put("store", false)).statusCode()).isEqualTo(200);
        assertThat(gateway.post("/responses", "BOT", call.copy().put("model", "gpt-4o")).statusCode()).isEqualTo(200);
        assertThat(openai.asked()).containsExactly("gpt-5");
        assertThat(azure.asked()).containsExactly("gpt-4o");
    }

    @Test
    void formThatNamesNoModelIsRefusedWithACode() {
        start();
        JsonObject error = error(400, transcribe(part("file", "abc")));
        assertThat(error.getString("code")).isEqualTo("missing_required_parameter");
        assertThat(error.getString("param")).isEqualTo("model");
        assertThat(openai.asked()).isEmpty();
    }

    @Test
    void formThatNamesItsModelLateIsToldToNameItFirst() {
        start();
        String file = part("file", "a".repeat(600_000));
        assertNotFound(transcribe(file, part("model", "whisper-1")), "whisper-1", "before its file");
        assertThat(transcribe(part("model", "whisper-1"), file).statusCode()).isEqualTo(200);
        assertThat(transcribe(file, part("model", "gpt-4o")).statusCode()).isEqualTo(200);
        assertThat(openai.asked()).containsExactly("whisper-1");
        assertThat(azure.asked()).endsWith("gpt-4o").doesNotContain("whisper-1");
    }

    private List<String> listed() {
        return body(200, get("/models")).getJsonArray("data").stream().map(each -> ((JsonObject) each).getString("id"))
                .toList();
    }

    @Test
    void listHasWhatEachAccountListsAndServes() {
        start();
        for (int i = 0; i < 3; i++) {
            assertThat(listed()).containsExactlyInAnyOrder("gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-realtime",
                    "whisper-1");
        }
        assertThat(azure.asked()).containsExactly("/v1/models", "/v1/models", "/v1/models");
        assertThat(openai.asked()).as("once a minute and event loop at most").hasSizeBetween(1, 3)
                .containsOnly("/v1/models");
    }

    @Test
    void listHasOnlyWhatTheTenantMayUse() {
        start(TENANTS.replace("rpm: 1000,", "rpm: 1000, models: [\"gpt-real*\", gpt-5, gpt-4o],"));
        assertThat(listed()).containsExactlyInAnyOrder("gpt-4o", "gpt-5", "gpt-realtime");
    }

    @Test
    void listOfAnAccountThatServesEverythingCountsToo() {
        accounts("rpm: 6000, serves: [gpt-4o]", "rpm: 6000");
        gateway.start(TENANTS);
        assertThat(listed()).contains("gpt-4o", "gpt-5", "gpt-realtime", "whisper-1");
    }

    @Test
    void accountThatDoesNotListItsModelsIsLeftOutUntilItDoes() {
        ManualTime clock = new ManualTime();
        gateway.at(clock);
        accounts("rpm: 6000, serves: [\"gpt-4o*\"]", "rpm: 6000, serves: [gpt-5, \"gpt-real*\"]");
        gateway.start(TENANTS);
        openai.fails(1);
        Await.until("the list is whole", () -> {
            assertThat(listed()).contains("gpt-4o", "gpt-4o-mini", "gpt-5");
            clock.advance(Duration.ofMinutes(1));
            return listed().contains("gpt-realtime");
        });
        openai.fails(100);
        clock.advance(Duration.ofMinutes(1));
        Await.until("its last list counts", () -> listed().contains("gpt-realtime"));
    }

    @Test
    void accountsThatServeTheSameAreNotAllAsked() {
        accounts("rpm: 6000", "rpm: 6000");
        gateway.start(TENANTS);
        assertThat(listed()).containsExactly("gpt-4o", "gpt-4o-mini");
        assertThat(openai.asked()).isEmpty();
    }

    @Test
    void questionAboutAModelGoesWhereItIsServed() {
        start();
        assertThat(body(200, get("/models/gpt-5")).getString("id")).isEqualTo("gpt-5");
        assertThat(body(200, get("/models/gpt-4o")).getString("id")).isEqualTo("gpt-4o");
        assertThat(get("/models/no-such-model").statusCode()).isEqualTo(404);
        assertThat(openai.asked()).containsExactly("/v1/models/gpt-5");
    }

    private RawSocket open(String path) {
        return RawSocket.open(gateway.baseUrl(), path, "Authorization: Bearer " + gateway.key("BOT"));
    }

    private static String turn(String lane, String model) {
        return new JsonObject().put("type", "response.create").put("stream_id", lane).put("model", model)
                .put("input", "x").encode();
    }

    private static JsonObject heard(RawSocket socket) {
        return new JsonObject(socket.next(RawSocket.TEXT).text());
    }

    @Test
    void turnOfAWebSocketIsRefusedIfItsAccountDoesNotServeItsModel() {
        start();
        try (RawSocket socket = open("/responses")) {
            socket.text(turn("a", "gpt-5"));
            JsonObject refused = heard(socket);
            assertThat(refused.getString("type")).isEqualTo("error");
            assertThat(refused.getString("stream_id")).isEqualTo("a");
            assertThat(refused.getInteger("status")).isEqualTo(404);
            assertThat(refused.getJsonObject("error").getString("code")).isEqualTo("model_not_found");
            assertThat(refused.getJsonObject("error").getString("message")).contains("'gpt-5'").contains("HTTP");
            socket.text(turn("b", "gpt-4o"));
            assertThat(heard(socket).getString("type")).isEqualTo("response.created");
            assertThat(heard(socket).getString("type")).isEqualTo("response.completed");
        }
        assertThat(azure.asked()).containsExactly("/responses", "gpt-4o");
        assertThat(openai.asked()).isEmpty();
    }

    @Test
    void realtimeSessionIsOpenedWhereItsModelIsServed() {
        start();
        try (RawSocket socket = open("/realtime?model=gpt-realtime")) {
            socket.text("{\"type\":\"response.create\"}");
            assertThat(heard(socket).getString("type")).isEqualTo("response.created");
            assertThat(heard(socket).getString("type")).isEqualTo("response.completed");
        }
        assertThat(openai.asked()).containsExactly("/realtime?model=gpt-realtime", "response.create");
        try (RawSocket refused = open("/realtime?model=gpt-6")) {
            assertThat(refused.status()).isEqualTo(404);
        }
        assertThat(azure.asked()).isEmpty();
    }

    @Test
    void reloadMovesWaitingCallsToWhereTheirModelIsServedNow() {
        gateway.at(new ManualTime());
        gateway.upstream("accounts:\n" + account("azure", azure, "rpm: 60, burst: 1, serves: [gpt-4o]")
                + account("spare", spare, "rpm: 60, burst: 1, serves: [gpt-5]")).start(TENANTS);
        ask("gpt-4o");
        CompletableFuture<HttpResponse<String>> waiting = askAsync("gpt-4o");
        awaitWaiting(1);
        gateway.upstream("accounts:\n" + account("azure", azure, "rpm: 60, burst: 1, serves: [gpt-4o-mini]")
                + account("spare", spare, "rpm: 60, burst: 1, serves: [gpt-4o]"));
        gateway.reload(TENANTS).await();
        assertThat(waiting.join().statusCode()).isEqualTo(200);
        assertThat(spare.asked()).containsExactly("gpt-4o");
        CompletableFuture<HttpResponse<String>> another = askAsync("gpt-4o");
        awaitWaiting(1);
        gateway.upstream("accounts:\n" + account("azure", azure, "rpm: 60, burst: 1, serves: [gpt-4o-mini]")
                + account("spare", spare, "rpm: 60, burst: 1, serves: [gpt-5]"));
        gateway.reload(TENANTS).await();
        assertThat(error(404, another.join()).getString("code")).isEqualTo("model_not_found");
        assertNotFound(ask("gpt-4o"), "gpt-4o", "operators");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void explanationSaysWhichAccountLacksTheModel(boolean own) {
        start();
        JsonObject some = explained(own, "gpt-5");
        assertThat(some.getString("would")).isEqualTo("send");
        assertThat(some.getJsonArray("accounts").stream().map(each -> ((JsonObject) each).getString("lacks")))
                .containsExactly("model", null);
        JsonObject none = explained(own, "gpt-6");
        assertThat(none.getString("would")).isEqualTo("refuse");
        assertThat(none.getString("code")).isEqualTo("model_not_found");
        assertThat(none.getString("because")).contains("gpt-6");
        assertThat(none.getJsonArray("accounts").stream().map(each -> ((JsonObject) each).getString("lacks")))
                .containsExactly("model", "model");
        assertThat(azure.asked()).isEmpty();
        assertThat(openai.asked()).isEmpty();
    }

    private JsonObject explained(boolean own, String model) {
        return own
                ? body(200, gateway.send(gateway.request("/chat/completions", gateway.key("BOT"))
                        .header("x-sluice-explain", "1").POST(BodyPublishers.ofString(chat(model).encode()))))
                : body(200, new AdminClient(gateway.adminUrl(), gateway.key("ADMIN")).post("/explain",
                        new JsonObject().put("tenant", "bot").put("body", chat(model))));
    }
}
