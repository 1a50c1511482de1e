package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.SteppedUpstream.CLOSE;
import static sluice.testing.SteppedUpstream.COMPLETION;
import static sluice.testing.SteppedUpstream.DONE;
import static sluice.testing.SteppedUpstream.EVENTS;
import static sluice.testing.SteppedUpstream.NEXT;
import static sluice.testing.SteppedUpstream.USAGE;
import static sluice.testing.SteppedUpstream.chunk;
import static sluice.testing.SteppedUpstream.event;
import static sluice.testing.SteppedUpstream.json;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.RawClient;
import sluice.testing.SteppedUpstream;
import sluice.testing.TestGateway;

/** Identical calls in flight share one upstream call; each gets the whole answer, or learns that it is incomplete. */
@Timeout(120)
class JoinedCallsTest {
    private static final String TENANTS = """
            tenants:
              - { name: bot, rpm: 100000, keys: ["${BOT}"] }
              - { name: rival, rpm: 100000, keys: ["${RIVAL}"] }
            """;

    private final SteppedUpstream upstream = new SteppedUpstream();

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    @AfterEach
    void close() {
        upstream.close();
    }

    private void start(String more) {
        gateway.before(upstream.port()).start(TENANTS + more);
    }

    private static String body(boolean stream) {
        return new JsonObject().put("model", "gpt-4o-mini").put("stream", stream).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello"))).encode();
    }

    private HttpRequest.Builder request(String key, boolean stream) {
        return gateway.request("/chat/completions", gateway.key(key))
                .POST(BodyPublishers.ofString(body(stream)));
    }

    private CompletableFuture<HttpResponse<String>> ask(String key, boolean stream) {
        return gateway.sendAsync(request(key, stream)).orTimeout(30, TimeUnit.SECONDS);
    }

    private RawClient raw(String key, int receiveBuffer) {
        String body = body(true);
        return new RawClient(9, port(), receiveBuffer).write("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n"
                + "authorization: Bearer " + gateway.key(key) + "\r\ncontent-type: application/json\r\ncontent-length: "
                + body.length() + "\r\n\r\n" + body);
    }

    private int port() {
        return URI.create(gateway.baseUrl()).getPort();
    }

    /** The first call is upstream, and so many follow it. */
    private void awaitFollowers(int number) {
        Await.until("one leads, and " + number + " follow",
                () -> upstream.runs() >= 1 && gateway.metric("sluice_cache_followers") == number);
    }

    private static String did(HttpResponse<?> answer) {
        return answer.headers().firstValue("x-sluice-cache").orElse("");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyThatAskTheSameAtOnceAreOneCallUpstream(boolean stream) {
        start("");
        List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, 50)
                .mapToObj(i -> ask("BOT", stream)).toList();
        awaitFollowers(49);
        if (stream) {
            upstream.does(1, EVENTS, chunk(event(1)), chunk(event(2)), chunk(
                    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
                    chunk("data: {\"choices\":[]," + USAGE + "}\n\n"), DONE, NEXT);
        } else {
            upstream.does(1, json(200, COMPLETION), NEXT);
        }
        List<HttpResponse<String>> answers = asked.stream().map(CompletableFuture::join).toList();
        assertThat(answers).allMatch(answer -> answer.statusCode() == 200);
        assertThat(answers.stream().map(HttpResponse::body).distinct()).hasSize(1);
        assertThat(answers.getFirst().body()).contains(stream ? event(1) + event(2) : COMPLETION);
        assertThat(answers.stream().collect(Collectors.groupingBy(JoinedCallsTest::did, Collectors.counting())))
                .isEqualTo(Map.of("MISS", 1L, "JOINED", 49L));
        assertThat(answers.stream().map(answer -> answer.headers().firstValue("x-sluice-request-id")).distinct())
                .hasSize(50);
        assertThat(upstream.runs()).isEqualTo(1);
        Await.until("all are counted", () -> gateway.metric("sluice_cache_requests_total{result=\"JOINED\","
                + "tenant=\"bot\"}") == 49);
        assertThat(gateway.metrics().lines().filter(line -> line.startsWith("sluice_tokens_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum())
                .as("tokens are spent once").isEqualTo(12);
        assertThat(ask("BOT", stream).join().headers().firstValue("x-sluice-cache")).contains("HIT");
    }

    @Test
    void whoJoinsLateGetsWhatHasComeAndThenTheRest() throws Exception {
        start("");
        CompletableFuture<HttpResponse<String>> first = ask("BOT", true);
        Await.until("it leads", () -> upstream.runs() == 1);
        upstream.does(1, EVENTS, chunk(event(1)), chunk(event(2)));
        CompletableFuture<HttpResponse<String>> second = ask("BOT", true);
        awaitFollowers(1);
        upstream.does(1, chunk(event(3)));
        CompletableFuture<HttpResponse<String>> third = ask("BOT", true);
        awaitFollowers(2);
        upstream.does(1, chunk(event(4)), DONE, NEXT);
        String whole = event(1) + event(2) + event(3) + event(4) + "data: [DONE]\n\n";
        assertThat(first.get(20, TimeUnit.SECONDS).body()).isEqualTo(whole);
        assertThat(second.get(20, TimeUnit.SECONDS).body()).isEqualTo(whole);
        assertThat(third.get(20, TimeUnit.SECONDS).body()).isEqualTo(whole);
    }

    @Test
    void firstCallerThatLeavesCancelsNothingWhileOneFollows() {
        start("");
        try (RawClient leader = raw("BOT", 0)) {
            Await.until("it leads", () -> upstream.runs() == 1);
            CompletableFuture<HttpResponse<String>> follower = ask("BOT", true);
            awaitFollowers(1);
            upstream.does(1, EVENTS, chunk(event(1)));
            leader.reset();
            Await.until("its connection is closed", () -> gateway.metric("sluice_connections") == 1);
            upstream.does(1, chunk(event(2)), DONE, NEXT);
            assertThat(follower.join().body()).isEqualTo(event(1) + event(2) + "data: [DONE]\n\n");
            assertThat(did(follower.join())).isEqualTo("JOINED");
        }
        assertThat(gateway.log().calls(2)).anyMatch(call -> call.getString("outcome").equals("client-gone")
                && call.getString("cache").equals("MISS"));
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @Test
    void callBeforeItsAnswerGoesOnForItsFollowersToo() {
        start("");
        try (RawClient leader = raw("BOT", 0)) {
            Await.until("it leads", () -> upstream.runs() == 1);
            CompletableFuture<HttpResponse<String>> follower = ask("BOT", true);
            awaitFollowers(1);
            leader.reset();
            Await.until("its connection is closed", () -> gateway.metric("sluice_connections") == 1);
            upstream.does(1, EVENTS, chunk(event(1)), DONE, NEXT);
            assertThat(follower.join().body()).isEqualTo(event(1) + "data: [DONE]\n\n");
        }
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @Test
    void callThatNobodyWantsAnyMoreIsCancelled() {
        start("");
        try (RawClient leader = raw("BOT", 0)) {
            Await.until("it leads", () -> upstream.runs() == 1);
            try (RawClient follower = raw("BOT", 0)) {
                awaitFollowers(1);
                upstream.does(1, EVENTS, chunk(event(1)));
                leader.reset();
                Await.until("the leader has gone", () -> gateway.metric("sluice_connections") == 1);
                follower.reset();
            }
        }
        Await.until("both are over", () -> gateway.metric("sluice_in_flight{tenant=\"bot\"}") == 0);
        assertThat(gateway.metric("sluice_cache_followers")).isZero();
    }

    @Test
    void revokedFirstCallerIsCutAndFollowersLiveOn() throws Exception {
        gateway.before(upstream.port()).start("""
                tenants:
                  - { name: bot, rpm: 100000, keys: ["${BOT}", "${OTHER}"] }
                """);
        CompletableFuture<HttpResponse<InputStream>> leader = gateway.stream(request("BOT", true));
        Await.until("it leads", () -> upstream.runs() == 1);
        CompletableFuture<HttpResponse<String>> follower = ask("OTHER", true);
        awaitFollowers(1);
        upstream.does(1, EVENTS, chunk(event(1)));
        try (InputStream answer = leader.get(20, TimeUnit.SECONDS).body()) {
            assertThat(answer.readNBytes(event(1).length())).asString().isEqualTo(event(1));
            String id = KeyDigest.of(gateway.key("BOT")).hex().substring(0, 12);
            AdminClient.body(200, new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"))
                    .post("/keys/" + id + "/revoke", new JsonObject()));
            assertThat(rest(answer)).contains("The key has been revoked.").endsWith("cut");
        }
        upstream.does(1, chunk(event(2)), DONE, NEXT);
        assertThat(follower.get(20, TimeUnit.SECONDS).body()).isEqualTo(event(1) + event(2) + "data: [DONE]\n\n");
    }

    /** What remains to arrive, and whether it was cut. */
    private static String rest(InputStream answer) {
        StringBuilder text = new StringBuilder();
        try {
            for (int next = answer.read(); next >= 0; next = answer.read()) {
                text.append((char) next);
            }
            return text + "end";
        } catch (IOException broken) {
            return text + "cut";
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void answerThatIsCutIsCutForAll(int events) throws Exception {
        start("");
        List<CompletableFuture<HttpResponse<InputStream>>> asked = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            asked.add(gateway.stream(request("BOT", true)));
        }
        awaitFollowers(2);
        upstream.does(1, EVENTS);
        String sent = "";
        for (int i = 1; i <= events; i++) {
            upstream.does(1, chunk(event(i)));
            sent += event(i);
        }
        List<InputStream> answers = new ArrayList<>();
        for (CompletableFuture<HttpResponse<InputStream>> each : asked) {
            answers.add(each.get(20, TimeUnit.SECONDS).body());
        }
        upstream.does(1, CLOSE);
        for (InputStream answer : answers) {
            assertThat(rest(answer)).startsWith(sent + "data: {\"error\"").endsWith("cut");
        }
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @Test
    void failureBeforeTheAnswerPromotesOneFollower() {
        start("");
        List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, 4)
                .mapToObj(i -> ask("BOT", false)).toList();
        awaitFollowers(3);
        upstream.does(1, CLOSE);
        upstream.does(2, json(200, COMPLETION), NEXT);
        List<HttpResponse<String>> answers = asked.stream().map(CompletableFuture::join).toList();
        assertThat(answers.stream().map(HttpResponse::statusCode).sorted()).containsExactly(200, 200, 200, 502);
        assertThat(upstream.runs()).isEqualTo(2);
    }

    @Test
    void ifThatFailsTooEachMakesItsOwnCall() {
        start("");
        List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, 4)
                .mapToObj(i -> ask("BOT", false)).toList();
        awaitFollowers(3);
        upstream.does(1, CLOSE);
        upstream.does(2, CLOSE);
        upstream.does(3, json(200, COMPLETION), NEXT);
        upstream.does(4, json(200, COMPLETION), NEXT);
        List<HttpResponse<String>> answers = asked.stream().map(CompletableFuture::join).toList();
        assertThat(answers.stream().map(HttpResponse::statusCode).sorted()).containsExactly(200, 200, 502, 502);
        assertThat(upstream.runs()).isEqualTo(4);
    }

    @Test
    void errorsAreNotShared() {
        start("");
        List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, 2)
                .mapToObj(i -> ask("BOT", false)).toList();
        awaitFollowers(1);
        upstream.does(1, json(400, "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"param\":null,"
                + "\"code\":null}}"), NEXT);
        upstream.does(2, json(200, COMPLETION), NEXT);
        assertThat(asked.stream().map(each -> each.join().statusCode()).sorted()).containsExactly(200, 400);
    }

    @Test
    void tenantsJoinEachOtherOnlyWhereTheyShareAnswers() {
        start("");
        CompletableFuture<HttpResponse<String>> bot = ask("BOT", false);
        CompletableFuture<HttpResponse<String>> rival = ask("RIVAL", false);
        Await.until("each has its call", () -> upstream.runs() == 2);
        upstream.does(1, json(200, COMPLETION), NEXT);
        upstream.does(2, json(200, COMPLETION), NEXT);
        assertThat(List.of(did(bot.join()), did(rival.join()))).containsOnly("MISS");
        gateway.reload(TENANTS + "cache: { scope: shared }\n").await();
        CompletableFuture<HttpResponse<String>> first = ask("BOT", false);
        CompletableFuture<HttpResponse<String>> second = ask("RIVAL", false);
        Await.until("one follows", () -> upstream.runs() == 3 && gateway.metric("sluice_cache_followers") == 1);
        upstream.does(3, json(200, COMPLETION), NEXT);
        assertThat(List.of(did(first.join()), did(second.join()))).containsExactlyInAnyOrder("MISS", "JOINED");
    }

    @Test
    void whoMayNotWaitAsLongOrAsksForAFreshAnswerMakesItsOwnCall() {
        start("");
        CompletableFuture<HttpResponse<String>> first = ask("BOT", false);
        Await.until("it leads", () -> upstream.runs() == 1);
        CompletableFuture<HttpResponse<String>> impatient = gateway
                .sendAsync(request("BOT", false).header("x-sluice-max-wait", "1s"));
        CompletableFuture<HttpResponse<String>> fresh = gateway
                .sendAsync(request("BOT", false).header("cache-control", "no-cache"));
        CompletableFuture<HttpResponse<String>> unstored = gateway
                .sendAsync(request("BOT", false).header("cache-control", "no-store"));
        Await.until("each has its call", () -> upstream.runs() == 4);
        for (int i = 1; i <= 4; i++) {
            upstream.does(i, json(200, COMPLETION), NEXT);
        }
        assertThat(List.of(did(first.join()), did(impatient.join()), did(fresh.join()))).containsOnly("MISS");
        assertThat(did(unstored.join())).isEqualTo("BYPASS");
    }

    @Test
    void joiningCanBeTurnedOff() {
        start("cache: { join: false }\n");
        CompletableFuture<HttpResponse<String>> first = ask("BOT", false);
        CompletableFuture<HttpResponse<String>> second = ask("BOT", false);
        Await.until("each has its call", () -> upstream.runs() == 2);
        upstream.does(1, json(200, COMPLETION), NEXT);
        upstream.does(2, json(200, COMPLETION), NEXT);
        assertThat(List.of(did(first.join()), did(second.join()))).containsOnly("MISS");
    }

    /** Each event is large, so that the sockets of those that do not read are full soon. */
    private static String large(int events) {
        String event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "y".repeat(50_000) + "\"}}]}\n\n";
        return chunk(event).repeat(events);
    }

    @Test
    void followerThatDoesNotReadHoldsUpNobodyAndIsCut() {
        start("cache: { max-entry: 16KiB }\n");
        CompletableFuture<HttpResponse<String>> leader = ask("BOT", true);
        Await.until("it leads", () -> upstream.runs() == 1);
        try (RawClient follower = raw("BOT", 4096)) {
            awaitFollowers(1);
            upstream.does(1, EVENTS, large(200), DONE, NEXT);
            assertThat(leader.join().body()).hasSizeGreaterThan(10_000_000).endsWith("data: [DONE]\n\n");
            String seen = new String(follower.rest(), StandardCharsets.ISO_8859_1);
            assertThat(seen).contains("x-sluice-cache: JOINED").doesNotEndWith("0\r\n\r\n");
        }
    }

    @Test
    void firstCallerThatDoesNotReadHoldsUpNobody() {
        start("");
        try (RawClient leader = raw("BOT", 4096)) {
            Await.until("it leads", () -> upstream.runs() == 1);
            CompletableFuture<HttpResponse<String>> follower = ask("BOT", true);
            awaitFollowers(1);
            upstream.does(1, EVENTS, large(18), DONE, NEXT);
            assertThat(follower.join().body()).hasSizeGreaterThan(900_000).endsWith("data: [DONE]\n\n");
            leader.reset();
        }
    }

    @Test
    void firstCallerTooFarBehindIsLeftByItsFollowers() {
        start("");
        try (RawClient leader = raw("BOT", 4096)) {
            Await.until("it leads", () -> upstream.runs() == 1);
            CompletableFuture<HttpResponse<String>> follower = ask("BOT", true);
            awaitFollowers(1);
            upstream.does(1, EVENTS, large(200), DONE, NEXT);
            assertThat(follower.join().body()).hasSizeGreaterThan(10_000_000).endsWith("data: [DONE]\n\n");
            String seen = new String(leader.rest(), StandardCharsets.ISO_8859_1);
            assertThat(seen).contains("x-sluice-cache: MISS").doesNotEndWith("0\r\n\r\n");
        }
    }

    @Test
    void followersSetThePaceOnceTheFirstCallerHasLeft() {
        start("");
        try (RawClient leader = raw("BOT", 4096)) {
            Await.until("it leads", () -> upstream.runs() == 1);
            CompletableFuture<HttpResponse<String>> follower = ask("BOT", true);
            awaitFollowers(1);
            leader.reset();
            upstream.does(1, EVENTS, large(200), DONE, NEXT);
            assertThat(follower.join().body()).hasSizeGreaterThan(10_000_000).endsWith("data: [DONE]\n\n");
        }
    }
}
