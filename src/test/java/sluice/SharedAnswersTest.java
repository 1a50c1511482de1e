package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.Await;
import sluice.testing.RawClient;
import sluice.testing.RedisWire;
import sluice.testing.Resp;
import sluice.testing.ScriptedUpstream;
import sluice.testing.TestCluster;

/** Replicas share answers through Redis: one of them makes it, and the others get it. */
@Timeout(120)
class SharedAnswersTest {
    private static final String PLENTY = """
            accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
            """;
    private static final String TENANTS = """
            tenants:
              - { name: bot, rpm: 100000, keys: ["${BOT}"] }
              - { name: rival, rpm: 100000, keys: ["${RIVAL}"] }
            """;
    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String LIMITS = "redis: { url: REDIS, timeout: 1s }\n";
    private static final String TIER = TENANTS + LIMITS + """
            cache: { redis: { url: "REDIS", timeout: 1s, max-wait: 20s, keys: ["%s"] } }
            """.formatted(KEY);

    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final ScriptedUpstream upstream = ScriptedUpstream.start(this::serve);

    @RegisterExtension
    final TestCluster cluster = new TestCluster().before(upstream.port());

    @AfterEach
    void close() {
        mayAnswer.countDown();
        upstream.close();
    }

    /** No two answers are the same. */
    private void serve(ScriptedUpstream.Peer peer, int number) throws IOException {
        peer.body();
        peer.run();
        try {
            mayAnswer.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        peer.answer(200, "{\"object\":\"chat.completion\",\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,"
                + "\"finish_reason\":\"stop\",\"message\":{\"content\":\"answer " + number + "\"}}],"
                + "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}");
    }

    private static String prompt(String text) {
        return new JsonObject().put("model", "gpt-4o-mini").put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", text))).encode();
    }

    private CompletableFuture<HttpResponse<String>> ask(int replica, String tenant, String text, String... headers) {
        return cluster.send(cluster.request(replica, tenant, prompt(text), headers));
    }

    private static String did(HttpResponse<?> answer) {
        return answer.headers().firstValue("x-sluice-cache").orElse("");
    }

    private double looked(int replica, String tier, String result) {
        return cluster.admin(replica, "GET", "/metrics").body().lines()
                .filter(line -> line.startsWith("sluice_shared_answers_lookups_total{result=\"" + result + "\",tier=\""
                        + tier + "\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    private List<String> stored() {
        try (Resp redis = new Resp(cluster.redis().port())) {
            return ((List<?>) Objects.requireNonNull(redis.ask(List.of("KEYS", "*:answer")))).stream()
                    .map(String::valueOf).toList();
        }
    }

    @Test
    void answerOfOneReplicaIsAHitAtTheOthersForItsTenantOnly() {
        mayAnswer.countDown();
        cluster.start(3, PLENTY, TIER);
        HttpResponse<String> first = ask(0, "BOT", "Hello").join();
        assertThat(did(first)).isEqualTo("MISS");
        Await.until("it is shared", () -> stored().size() == 1);
        for (int replica : List.of(1, 2, 1)) {
            HttpResponse<String> hit = ask(replica, "BOT", "Hello").join();
            assertThat(did(hit)).isEqualTo("HIT");
            assertThat(hit.body()).isEqualTo(first.body());
            assertThat(hit.headers().firstValue("age")).isPresent();
        }
        assertThat(looked(1, "cache", "hit")).as("the second time it is in memory").isEqualTo(1);
        HttpResponse<String> rival = ask(1, "RIVAL", "Hello").join();
        assertThat(did(rival)).isEqualTo("MISS");
        assertThat(rival.body()).isNotEqualTo(first.body());
        assertThat(upstream.runs()).isEqualTo(2);
    }

    @Test
    void whatIsStoredCanBeReadNeitherByOthersNorUnderAnotherName() {
        mayAnswer.countDown();
        cluster.start(2, PLENTY, TIER);
        ask(0, "BOT", "Hello").join();
        ask(0, "RIVAL", "Hello").join();
        Await.until("both are shared", () -> stored().size() == 2);
        try (Resp redis = new Resp(cluster.redis().port())) {
            String one = stored().getFirst();
            String other = stored().getLast();
            String text = String.valueOf(redis.ask(List.of("GET", one)));
            assertThat(new String(Base64.getDecoder().decode(text), StandardCharsets.ISO_8859_1))
                    .doesNotContain("answer", "completion", KEY);
            redis.ask(List.of("SET", other, text));
        }
        List<String> did = List.of(did(ask(1, "BOT", "Hello").join()), did(ask(1, "RIVAL", "Hello").join()));
        assertThat(did).as("the one that was replaced is made anew").containsExactlyInAnyOrder("HIT", "MISS");
        assertThat(looked(1, "cache", "unreadable")).isEqualTo(1);
    }

    private String body(int replica, String text) {
        return ask(replica, "BOT", text).join().body();
    }

    private void purge(int replica, JsonObject what) {
        HttpResponse<String> answer = cluster.admin(replica, "POST", "/admin/v1/cache/purge", what.encode());
        assertThat(new JsonObject(answer.body()).getString("replicas")).isEqualTo("all");
    }

    @Test
    void whatWasPurgedIsFoundAtNoReplicaAgain() {
        mayAnswer.countDown();
        cluster.start(3, PLENTY, TIER);
        List<String> old = Stream.of("a", "b", "c").map(text -> body(0, text)).toList();
        Await.until("all are shared", () -> stored().size() == 3);
        purge(1, new JsonObject().put("tenant", "bot").put("model", "gpt-4o*"));
        assertThat(body(1, "a")).as("at the one that purges").isNotEqualTo(old.get(0));
        Await.until("at one that is told", () -> !body(2, "b").equals(old.get(1)));
        cluster.restart(0, PLENTY, TIER);
        Await.until("at one that starts later", () -> !body(0, "c").equals(old.get(2)));
        assertThat(looked(1, "cache", "purged")).isEqualTo(1);
        // To the replica that started later, a purge may seem to have been a second later than it was.
        AtomicInteger later = new AtomicInteger();
        Await.until("what is made later is shared", () -> {
            String text = "d" + later.incrementAndGet();
            return body(0, text).equals(body(1, text));
        });
    }

    @Test
    void answerPurgedByItsKeyIsDeleted() {
        mayAnswer.countDown();
        cluster.start(2, PLENTY, TIER);
        String old = body(0, "Hello");
        body(0, "Good bye");
        Await.until("both are shared", () -> stored().size() == 2);
        String key = new JsonObject(ask(0, "BOT", "Hello", "x-sluice-explain", "1").join().body())
                .getJsonObject("caching").getString("key");
        purge(0, new JsonObject().put("key", key));
        assertThat(stored()).hasSize(1).noneMatch(name -> name.contains(key));
        assertThat(body(1, "Hello")).isNotEqualTo(old);
        assertThat(did(ask(1, "BOT", "Good bye").join())).isEqualTo("HIT");
    }

    @Test
    void namespacesAndTimesHoldThereToo() {
        mayAnswer.countDown();
        cluster.start(2, PLENTY, TIER);
        ask(0, "BOT", "Hello", "x-sluice-cache-namespace", "v2", "x-sluice-cache-ttl", "30s").join();
        Await.until("it is shared", () -> stored().size() == 1);
        try (Resp redis = new Resp(cluster.redis().port())) {
            assertThat(Long.parseLong(String.valueOf(redis.ask(List.of("PTTL", stored().getFirst()))))).isBetween(1L,
                    30_000L);
        }
        assertThat(did(ask(1, "BOT", "Hello").join())).isEqualTo("MISS");
        assertThat(did(ask(1, "BOT", "Hello", "x-sluice-cache-namespace", "v2").join())).isEqualTo("HIT");
    }

    @Test
    void newPromptOfManyAtAllReplicasIsOneCallUpstream() {
        cluster.start(3, PLENTY, TIER);
        List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, 60)
                .mapToObj(i -> ask(i % 3, "BOT", "Hello")).toList();
        Await.until("one leads, two wait for it, and the others follow",
                () -> upstream.runs() == 1 && IntStream.range(0, 3)
                        .mapToDouble(i -> cluster.metric(i, "sluice_cache_followers")).sum() == 57);
        mayAnswer.countDown();
        assertThat(asked.stream().map(each -> each.join().statusCode() + each.join().body()).distinct()).hasSize(1);
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retryAtAnotherReplicaGetsTheAnswerOfTheFirstCall(boolean encrypted) {
        cluster.start(2, PLENTY, encrypted ? TIER : TENANTS + LIMITS);
        String body = prompt("Hello");
        try (RawClient first = new RawClient(9, cluster.port(0), 0).write("POST /v1/chat/completions HTTP/1.1\r\n"
                + "host: a\r\nauthorization: Bearer " + cluster.key("BOT") + "\r\ncontent-type: application/json\r\n"
                + "idempotency-key: k\r\ncontent-length: " + body.length() + "\r\n\r\n" + body)) {
            Await.until("it is upstream", () -> upstream.runs() == 1);
            first.reset();
        }
        Await.until("it continues alone", () -> cluster.metric(0, "sluice_continued_calls") == 1);
        CompletableFuture<HttpResponse<String>> retry = ask(1, "BOT", "Hello", "idempotency-key", "k");
        Await.until("it waits", () -> looked(1, "idempotency", "made") > 0);
        HttpResponse<String> other = ask(1, "BOT", "Good bye", "idempotency-key", "k").join();
        assertThat(other.statusCode()).as("at the same replica").isEqualTo(422);
        mayAnswer.countDown();
        assertThat(retry.join().body()).contains("answer 1");
        assertThat(retry.join().headers().firstValue("idempotent-replayed")).contains("true");
        assertThat(did(ask(1, "BOT", "Hello", "idempotency-key", "k").join())).isEqualTo("REPLAYED");
        assertThat(ask(1, "BOT", "Good bye", "idempotency-key", "k").join().statusCode()).isEqualTo(422);
        assertThat(ask(0, "BOT", "Good bye", "idempotency-key", "k").join().statusCode()).isEqualTo(422);
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @Test
    void keyOfAnotherRequestIsRefusedAtTheOtherReplicaToo() {
        cluster.start(2, PLENTY, TENANTS + LIMITS);
        CompletableFuture<HttpResponse<String>> first = ask(0, "BOT", "Hello", "idempotency-key", "k");
        Await.until("it is upstream", () -> upstream.runs() == 1);
        assertThat(ask(1, "BOT", "Good bye", "idempotency-key", "k").join().statusCode()).isEqualTo(422);
        mayAnswer.countDown();
        assertThat(first.join().statusCode()).isEqualTo(200);
        assertThat(ask(1, "BOT", "Good bye", "idempotency-key", "k").join().statusCode()).isEqualTo(422);
        assertThat(ask(1, "BOT", "Hello", "idempotency-key", "k").join().body()).isEqualTo(first.join().body());
    }

    @Test
    void slowAndThenDeadStoreFailsNoCall() {
        mayAnswer.countDown();
        try (RedisWire wire = new RedisWire(cluster.redis().port())) {
            cluster.start(1, PLENTY, TENANTS + LIMITS + """
                    cache: { redis: { url: "%s", timeout: 20ms, keys: ["%s"] } }
                    """.formatted(wire.url(), KEY));
            assertThat(did(ask(0, "BOT", "Hello").join())).isEqualTo("MISS");
            wire.delay(5_000);
            List<HttpResponse<String>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answers.add(ask(0, "BOT", "slow " + i).join());
            }
            assertThat(answers).allMatch(answer -> answer.statusCode() == 200 && did(answer).equals("MISS"));
            assertThat(looked(0, "cache", "error")).as("then nobody waits any more").isBetween(1.0, 20.0);
            assertThat(looked(0, "cache", "away")).isGreaterThan(50);
        }
        assertThat(ask(0, "BOT", "dead").join().statusCode()).isEqualTo(200);
        assertThat(ask(0, "BOT", "Hello").join().statusCode()).isEqualTo(200);
    }

    @Test
    void withoutTheStoreKeysHoldWithinEachReplica() {
        mayAnswer.countDown();
        cluster.start(1, PLENTY, TENANTS + LIMITS);
        cluster.redis().kill();
        Await.until("breaker open", () -> cluster.metric(0, "sluice_store_reachable") == 0);
        HttpResponse<String> first = ask(0, "BOT", "Hello", "idempotency-key", "k").join();
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(ask(0, "BOT", "Hello", "idempotency-key", "k").join().body()).isEqualTo(first.body());
        assertThat(ask(0, "BOT", "Good bye", "idempotency-key", "k").join().statusCode()).isEqualTo(422);
    }

    @Test
    void callOfAReplicaThatIsGoneIsMadeByAnother() {
        mayAnswer.countDown();
        cluster.start(1, PLENTY, TENANTS + LIMITS);
        ask(0, "BOT", "Hello", "idempotency-key", "k").join();
        Await.until("it is shared", () -> stored().size() == 1);
        try (Resp redis = new Resp(cluster.redis().port())) {
            String answer = stored().getFirst();
            redis.ask(List.of("DEL", answer));
            String maker = answer.replace(":answer", ":maker");
            // What a replica has left that died in the middle of it, at the end of its time.
            redis.ask(List.of("SET", maker, "0".repeat(24) + "something else", "PX", "300"));
        }
        cluster.restart(0, PLENTY, TENANTS + LIMITS);
        Await.until("it is made", () -> ask(0, "BOT", "Hello", "idempotency-key", "k").join().statusCode() == 200);
        assertThat(upstream.runs()).isEqualTo(2);
    }
}
