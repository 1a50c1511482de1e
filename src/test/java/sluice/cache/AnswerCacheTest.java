package sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.cache.AnswerCache.Found;
import sluice.cache.AnswerCache.Mode;
import sluice.cache.AnswerCache.Scope;
import sluice.cache.AnswerCache.Settings;
import sluice.openai.Endpoint;
import sluice.openai.Served;
import sluice.testing.ManualTime;

class AnswerCacheTest {
    private static final CacheControl ANY = CacheControl.parse(null);
    private static final String DATED = "gpt-4o-2024-08-06";
    private static final String COMPLETE = "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}";
    private static final Duration HOUR = Duration.ofHours(1);

    private final ManualTime time = new ManualTime();

    private static final CachePolicy POLICY = CachePolicy.of(Mode.IDENTICAL, HOUR);
    private static final CachePolicies POLICIES = new CachePolicies(POLICY);

    private AnswerCache cache(long maxBytes) {
        return new AnswerCache(new Settings(POLICIES, maxBytes, 512, Scope.TENANT, true, true), time.time());
    }

    private static PromptKey key(String prompt) {
        return PromptKey.of("t", "", "/chat/completions", null, ("{\"p\":\"" + prompt + "\"}").getBytes(UTF_8), null);
    }

    private Retention retention(String model) {
        return new Retention(new Retention.Source("t", model, ""), POLICY.ttl(model, Optional.empty()),
                time.time().nanos());
    }

    private boolean keeps(AnswerCache cache, Endpoint endpoint, boolean stream, String body) {
        PromptKey key = key("p");
        cache.offer(key,
                new WholeAnswer(endpoint, stream, retention(DATED), List.of(), body.getBytes(UTF_8), Served.UNTOLD));
        return cache.find(key, ANY).isPresent();
    }

    private void offer(AnswerCache cache, PromptKey key, String model) {
        cache.offer(key, new WholeAnswer(Endpoint.CHAT_COMPLETIONS, false, retention(model), List.of(),
                COMPLETE.getBytes(UTF_8), Served.UNTOLD));
    }

    @Test
    void answerIsGivenAgainAsItCame() {
        AnswerCache cache = cache(10_000);
        List<Map.Entry<String, String>> headers = List.of(Map.entry("content-type", "application/json"));
        cache.offer(key("a"), new WholeAnswer(Endpoint.CHAT_COMPLETIONS, false, retention(DATED), headers,
                COMPLETE.getBytes(UTF_8), Served.UNTOLD));
        time.advance(Duration.ofMillis(2999));
        Optional<Found> found = cache.find(key("a"), ANY);
        assertThat(found).hasValueSatisfying(hit -> {
            assertThat(hit.ageSeconds()).isEqualTo(2);
            assertThat(hit.answer().body().toString()).isEqualTo(COMPLETE);
            assertThat(hit.answer().headers()).isEqualTo(headers);
        });
        assertThat(cache.find(key("b"), ANY)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"gpt-4o-2024-08-06, 3600", "gpt-4o, 600"})
    void answerIsKeptForItsTimeAndNoLonger(String model, long seconds) {
        AnswerCache cache = cache(10_000);
        offer(cache, key("a"), model);
        time.advance(Duration.ofSeconds(seconds).minusNanos(1));
        assertThat(cache.find(key("a"), ANY)).isPresent();
        time.advanceNanos(1);
        assertThat(cache.find(key("a"), ANY)).isEmpty();
    }

    @Test
    void readingDoesNotLengthenTheTime() {
        AnswerCache cache = cache(10_000);
        offer(cache, key("a"), DATED);
        for (int i = 0; i < 6; i++) {
            assertThat(cache.find(key("a"), ANY)).isPresent();
            time.advance(Duration.ofMinutes(10));
        }
        assertThat(cache.find(key("a"), ANY)).isEmpty();
    }

    @Test
    void newerAnswerHasItsOwnTime() {
        AnswerCache cache = cache(10_000);
        offer(cache, key("a"), DATED);
        time.advance(Duration.ofMinutes(50));
        offer(cache, key("a"), DATED);
        time.advance(Duration.ofMinutes(50));
        assertThat(cache.find(key("a"), ANY)).hasValueSatisfying(hit -> assertThat(hit.ageSeconds()).isEqualTo(3000));
        time.advance(Duration.ofMinutes(10));
        assertThat(cache.find(key("a"), ANY)).isEmpty();
    }

    @Test
    void allAnswersTogetherAreBounded() {
        long bound = 20_000;
        AnswerCache cache = cache(bound);
        for (int i = 0; i < 200; i++) {
            offer(cache, key("p" + i), DATED);
            assertThat(cache.bytes()).isLessThanOrEqualTo(bound);
        }
        assertThat(cache.bytes()).isGreaterThan(bound / 2);
    }

    private static PromptKey key(String tenant, String prompt) {
        return PromptKey.of(tenant, "", "/chat/completions", null, ("{\"p\":\"" + prompt + "\"}").getBytes(UTF_8),
                null);
    }

    private static long found(AnswerCache cache, String tenant, int prompts) {
        return IntStream.range(0, prompts).filter(i -> cache.find(key(tenant, "p" + i), ANY).isPresent()).count();
    }

    @Test
    void tenantThatFloodsTheCacheDisplacesOnlyItsOwnAnswers() {
        long bound = 20_000;
        AnswerCache cache = cache(bound);
        for (int i = 0; i < 5; i++) {
            offer(cache, key("small", "p" + i), DATED);
        }
        long each = cache.bytes() / 5;
        for (int i = 0; i < 500; i++) {
            offer(cache, key("flood", "p" + i), DATED);
            assertThat(cache.bytes()).isLessThanOrEqualTo(bound);
        }
        assertThat(found(cache, "small", 5)).isEqualTo(5);
        assertThat(cache.bytes()).isGreaterThan(bound - 2 * each);
        // Whoever has less than an equal part takes it from the one that has most.
        for (int i = 5; i < 500; i++) {
            offer(cache, key("small", "p" + i), DATED);
        }
        assertThat(found(cache, "flood", 500) * each).isBetween(bound / 2 - 2 * each, bound / 2 + each);
        assertThat(cache.shared().holders()).isEqualTo(2);
    }

    @Test
    void whatSeveralThreadsKeepCanAllBeDisplaced() throws Exception {
        AnswerCache one = cache(100_000);
        offer(one, key("a", "p"), DATED);
        long each = one.bytes();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 4000; round++) {
                AnswerCache cache = cache(2 * each + each / 2);
                List<Callable<Void>> floods = Stream.of("a", "b", "a", "b").<Callable<Void>>map(tenant -> () -> {
                    for (int i = 0; i < 20; i++) {
                        offer(cache, key(tenant, "p" + ThreadLocalRandom.current().nextInt(20)), DATED);
                    }
                    return null;
                }).toList();
                for (Future<Void> flood : threads.invokeAll(floods)) {
                    flood.get();
                }
                for (int i = 0; i < 20; i++) {
                    offer(cache, key("a", "later" + i), DATED);
                    offer(cache, key("b", "later" + i), DATED);
                }
                assertThat(found(cache, "a", 20) + found(cache, "b", 20)).as("round %d", round).isZero();
            }
        }
    }

    /** Answers of many sizes come and go under four threads that read and write: what is found is whole, and nothing stays. */
    @Test
    void answerIsWholeWhateverLeavesMeanwhile() throws Exception {
        AnswerCache cache = new AnswerCache(new Settings(POLICIES, 60_000, 8_000, Scope.TENANT, true, true),
                time.time());
        AtomicInteger found = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Void>> users = IntStream.range(0, 4).<Callable<Void>>mapToObj(seed -> () -> {
                Random random = new Random(seed);
                for (int i = 0; i < 100_000; i++) {
                    int number = random.nextInt(60);
                    PromptKey key = key("t" + number % 3, "p" + number);
                    if (random.nextInt(3) == 0) {
                        cache.offer(key, new WholeAnswer(Endpoint.EMBEDDINGS, false, retention(DATED), List.of(),
                                body(number).getBytes(UTF_8), Served.UNTOLD));
                    } else {
                        Optional<Found> hit = cache.find(key, ANY);
                        hit.ifPresent(answer -> assertThat(answer.answer().body().toString()).isEqualTo(body(number)));
                        found.addAndGet(hit.isPresent() ? 1 : 0);
                    }
                    if (random.nextInt(10_000) == 0) {
                        cache.change(new Settings(POLICIES, 30_000 + random.nextInt(60_000), 8_000,
                                Scope.TENANT, true, true));
                    }
                }
                return null;
            }).toList();
            for (Future<Void> user : threads.invokeAll(users)) {
                user.get();
            }
        }
        assertThat(found).hasPositiveValue();
        time.advance(HOUR.plusSeconds(60));
        IntStream.range(0, 60)
                .forEach(number -> assertThat(cache.find(key("t" + number % 3, "p" + number), ANY)).isEmpty());
        offer(cache, key("last"), DATED);
        assertThat(cache.bytes()).isEqualTo(Kept.weight(COMPLETE.length()));
        assertThat(cache.usedMemory()).isEqualTo(Slabs.BLOCK);
    }

    @Test
    void memoryAboveALowerBoundIsGivenBackAsItBecomesFree() {
        Slabs slabs = new Slabs(64 * 1024);
        List<int[]> taken = new ArrayList<>();
        for (int[] blocks = slabs.take(1000); blocks != null; blocks = slabs.take(1000)) {
            taken.add(blocks);
        }
        assertThat(taken).hasSize(64);
        byte[] bytes = "x".repeat(1000).getBytes(UTF_8);
        slabs.write(taken.getLast(), bytes);
        slabs.change(16 * 1024);
        assertThat(slabs.heldBytes()).isEqualTo(64 * 1024);
        assertThat(slabs.read(taken.getLast(), 1000)).isEqualTo(bytes);
        taken.forEach(slabs::give);
        assertThat(slabs.heldBytes()).isEqualTo(16 * 1024);
        assertThat(slabs.used()).isZero();
        slabs.change(32 * 1024);
        assertThat(slabs.take(20 * 1024)).hasSize(40);
        slabs.change(0);
        assertThat(slabs.take(1)).isNull();
    }

    private static String body(int number) {
        return "{\"object\":\"list\",\"data\":\"" + String.valueOf(number).repeat(number * 50 + 1) + "\"}";
    }

    @Test
    void whatHasLeftTakesNoRoom() {
        AnswerCache cache = cache(20_000);
        for (int turn = 0; turn < 3; turn++) {
            for (int i = 0; i < 200; i++) {
                offer(cache, key("t" + i % 3, "p" + i % 100), DATED);
            }
            time.advance(HOUR.plusSeconds(60));
            for (int i = 0; i < 200; i++) {
                assertThat(cache.find(key("t" + i % 3, "p" + i % 100), ANY)).isEmpty();
            }
        }
        offer(cache, key("t0", "last"), DATED);
        assertThat(cache.shared().holders()).isEqualTo(1);
        assertThat(cache.bytes()).isLessThan(1000);
    }

    @Test
    void answerLargerThanAllIsNotKept() {
        AnswerCache cache = cache(500);
        offer(cache, key("a"), DATED);
        assertThat(cache.find(key("a"), ANY)).isEmpty();
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void callerDecidesHowOldAnAnswerMayBe() {
        AnswerCache cache = cache(10_000);
        offer(cache, key("a"), DATED);
        time.advance(Duration.ofSeconds(10));
        assertThat(cache.find(key("a"), CacheControl.parse("max-age=10"))).isPresent();
        assertThat(cache.find(key("a"), CacheControl.parse("max-age=9"))).isEmpty();
        assertThat(cache.find(key("a"), CacheControl.parse("no-cache"))).isEmpty();
        assertThat(cache.find(key("a"), CacheControl.parse("only-if-cached"))).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"stop\"}]}|true",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"length\"}],\"error\":null}|true",
            "CHAT_COMPLETIONS|{\"choices\":[{\"message\":{\"finish_reason\":\"no\"},\"finish_reason\":\"tool_calls\"}]}|true",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"content_filter\"}]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"stop\"},{\"finish_reason\":\"content_filter\"}]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"content_filter\"},{\"finish_reason\":\"stop\"}]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"of next year\"}]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":null}]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"stop\"},{\"finish_reason\":null}]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"index\":1},{\"index\":0,\"finish_reason\":\"stop\"}]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"index\":1,\"finish_reason\":\"stop\"},{\"index\":0,\"finish_reason\":\"length\"}]}|true",
            "CHAT_COMPLETIONS|{\"choices\":[{\"message\":{\"finish_reason\":\"stop\"}}]}|false",
            "CHAT_COMPLETIONS|{\"finish_reason\":\"stop\"}|false",
            "CHAT_COMPLETIONS|{\"choices\":[]}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"stop\"}],\"error\":{\"message\":\"m\"}}|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"stop\"}]|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"stop\"}],\"x\":[{|false",
            "CHAT_COMPLETIONS|{\"choices\":[{\"finish_reason\":\"stop\"}]}{|false",
            "CHAT_COMPLETIONS|{\"status\":\"completed\"}|false",
            "CHAT_COMPLETIONS|[]|false", "CHAT_COMPLETIONS|''|false", "CHAT_COMPLETIONS|<html>|false",
            "COMPLETIONS|{\"choices\":[{\"text\":\"x\",\"finish_reason\":\"length\"}]}|true",
            "COMPLETIONS|{\"choices\":[{\"text\":\"x\",\"finish_reason\":null}]}|false",
            "RESPONSES|{\"status\":\"completed\",\"error\":null,\"output\":[{\"status\":\"completed\"}]}|true",
            "RESPONSES|{\"status\":\"incomplete\",\"error\":null,\"output\":[{\"status\":\"completed\"}]}|false",
            "RESPONSES|{\"status\":\"failed\",\"error\":{\"code\":\"x\"}}|false",
            "RESPONSES|{\"status\":\"completed\",\"error\":{\"code\":\"x\"}}|false",
            "RESPONSES|{\"status\":\"in_progress\"}|false", "RESPONSES|{\"status\":null}|false", "RESPONSES|{}|false",
            "EMBEDDINGS|{\"object\":\"list\",\"data\":[{\"embedding\":[0.1]}]}|true",
            "EMBEDDINGS|{\"object\":\"list\",\"data\":[{\"embedding\":[0.1]}|false",
            "EMBEDDINGS|{\"error\":{\"message\":\"m\"}}|false",
            "MODERATIONS|{\"id\":\"m\",\"results\":[{\"flagged\":false}]}|true", "MODERATIONS|[]|false"})
    void onlyAWholeAnswerIsKept(Endpoint endpoint, String body, boolean kept) {
        assertThat(keeps(cache(10_000), endpoint, false, body)).isEqualTo(kept);
    }

    private static String chunk(String finish) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"stop\"},\"finish_reason\":" + finish
                + "}]}\n\n";
    }

    @Test
    void onlyAWholeChatStreamIsKept() {
        String begun = ": hello\n\n" + chunk("null");
        String usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
        String done = "data: [DONE]\n\n";
        for (Endpoint endpoint : List.of(Endpoint.CHAT_COMPLETIONS, Endpoint.COMPLETIONS)) {
            assertThat(keepsStream(endpoint, begun + chunk("\"stop\"") + usage + done)).isTrue();
            assertThat(keepsStream(endpoint, (begun + chunk("\"length\"") + done).replace("\n", "\r\n"))).isTrue();
            assertThat(keepsStream(endpoint, begun + usage + done)).isFalse();
            assertThat(keepsStream(endpoint, begun + chunk("\"content_filter\"") + done)).isFalse();
            assertThat(keepsStream(endpoint, begun + chunk("\"stop\"") + chunk("\"content_filter\"") + done)).isFalse();
            assertThat(keepsStream(endpoint,
                    begun + chunk("\"stop\"") + "data: {\"error\":{\"message\":\"m\"}}\n\n" + done)).isFalse();
            assertThat(keepsStream(endpoint, begun + chunk("\"stop\"") + "data: {\"choices\":[{\n\n")).isFalse();
            assertThat(keepsStream(endpoint, done)).isFalse();
            String second = begun + chunk("null").replace("\"index\":0", "\"index\":1");
            assertThat(keepsStream(endpoint, second + chunk("\"stop\"") + done)).isFalse();
            assertThat(keepsStream(endpoint, second + chunk("\"stop\"")
                    + chunk("\"stop\"").replace("\"index\":0", "\"index\":1") + done)).isTrue();
            String tenth = begun + chunk("null").replace("\"index\":0", "\"index\":12");
            assertThat(keepsStream(endpoint, tenth + chunk("\"stop\"") + done)).isFalse();
            String calls = begun + chunk("null").replace("\"content\":\"stop\"", "\"tool_calls\":[{\"index\":3}]");
            assertThat(keepsStream(endpoint, calls + chunk("\"tool_calls\"") + done)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"completed, true", "incomplete, false", "failed, false"})
    void onlyACompletedResponseStreamIsKept(String last, boolean kept) {
        String stream = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\",\"error\":null}}\n\n"
                + "event: response.output_item.done\ndata: {\"type\":\"x\",\"item\":{\"status\":\"completed\"}}\n\n"
                + "event: response." + last + "\ndata: {\"type\":\"response." + last
                + "\",\"response\":{\"id\":\"r\",\"status\":\"" + last
                + "\",\"error\":null}}\n\n";
        assertThat(keepsStream(Endpoint.RESPONSES, stream)).isEqualTo(kept);
        assertThat(
                keepsStream(Endpoint.RESPONSES, stream + "event: error\ndata: {\"type\":\"error\",\"error\":{}}\n\n"))
                .isFalse();
    }

    private boolean keepsStream(Endpoint endpoint, String body) {
        return keeps(cache(10_000), endpoint, true, body);
    }

    @Test
    void purgeCoversWhatWasBegunBeforeItWasOrdered() {
        AnswerCache cache = cache(10_000);
        Retention before = retention(DATED);
        time.advance(Duration.ofSeconds(2));
        Retention after = retention(DATED);
        time.advance(Duration.ofSeconds(2));
        cache.purge(new Purge(Optional.of("t"), Optional.empty(), Optional.empty(), Optional.empty()),
                Duration.ofSeconds(3));
        assertThat(cache.isPurged(key("p"), before)).isTrue();
        assertThat(cache.isPurged(key("p"), after)).isFalse();
        CachedAnswer answer = new CachedAnswer(List.of(), Buffer.buffer(COMPLETE), Served.UNTOLD);
        cache.adopt(key("p"), new SharedAnswers.Known.Answer(answer, before, 3, ""));
        assertThat(cache.find(key("p"), ANY)).isEmpty();
        cache.adopt(key("p"), new SharedAnswers.Known.Answer(answer, after, 1, ""));
        assertThat(cache.find(key("p"), ANY)).hasValueSatisfying(hit -> assertThat(hit.ageSeconds()).isEqualTo(1));
    }

    @Test
    void purgesBeyondThoseRememberedCoverEverythingThatWasBegunBeforeThem() {
        AnswerCache cache = cache(10_000);
        Retention before = retention("another");
        time.advance(Duration.ofSeconds(9));
        for (int i = 0; i < 70; i++) {
            cache.purge(new Purge(Optional.of("nobody" + i), Optional.empty(), Optional.empty(), Optional.empty()),
                    Duration.ofSeconds(i % 8));
        }
        assertThat(cache.isPurged(key("p"), before)).isTrue();
        time.advance(Duration.ofSeconds(1));
        assertThat(cache.isPurged(key("p"), retention("another"))).isFalse();
    }
}
