package sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.cache.AnswerCache.Mode;
import sluice.cache.AnswerCache.Scope;
import sluice.openai.Endpoint;
import sluice.openai.Served;
import sluice.testing.ManualTime;

/**
 * The cache finds as many of a Zipf-distributed trace as Caffeine alone does in the same memory, with answers of 0.5 to 8
 * KiB, whether one tenant asks or several share the cache.
 */
class HitRatioTest {
    private static final int PROMPTS = 20_000;
    private static final int CALLS = 200_000;
    private static final int SIZE = 8 << 20;
    private static final int LARGEST = 8 << 10;
    private static final double TOLERANCE = 0.02;
    private static final String BEGINNING = "{\"data\":\"";
    private static final String END = "\"}";
    /** Of the answers, in bytes. */
    private static final int[] LENGTHS = IntStream.range(0, PROMPTS)
            .map(prompt -> 512 + new Random(prompt).nextInt(LARGEST - 1024)).toArray();

    /** Prompts by popularity. */
    private static int[] trace(double skew, long seed) {
        double[] upTo = new double[PROMPTS];
        double sum = 0;
        for (int rank = 0; rank < PROMPTS; rank++) {
            sum += 1 / Math.pow(rank + 1, skew);
            upTo[rank] = sum;
        }
        Random random = new Random(seed);
        int[] trace = new int[CALLS];
        for (int i = 0; i < CALLS; i++) {
            int found = Arrays.binarySearch(upTo, random.nextDouble() * sum);
            trace[i] = found < 0 ? -found - 1 : found;
        }
        return trace;
    }

    private static byte[] body(int prompt) {
        return (BEGINNING + "x".repeat(LENGTHS[prompt] - BEGINNING.length() - END.length()) + END).getBytes(UTF_8);
    }

    private static double ours(int[] trace, int tenants) {
        ManualTime time = new ManualTime();
        CachePolicy policy = CachePolicy.of(Mode.IDENTICAL, Duration.ofDays(1));
        AnswerCache cache = new AnswerCache(new AnswerCache.Settings(new CachePolicies(policy), SIZE, LARGEST,
                Scope.TENANT, true, true), time.time());
        Retention retention = new Retention(new Retention.Source("t", "m", ""), policy.ttl(), 0);
        CacheControl any = CacheControl.parse(null);
        int hits = 0;
        for (int prompt : trace) {
            PromptKey key = PromptKey.of("t" + prompt % tenants, "", "/embeddings", null,
                    ("{\"p\":" + prompt + "}").getBytes(UTF_8), null);
            if (cache.find(key, any).isPresent()) {
                hits++;
            } else {
                cache.offer(key, new WholeAnswer(Endpoint.EMBEDDINGS, false, retention, List.of(), body(prompt),
                        Served.UNTOLD));
            }
        }
        return (double) hits / trace.length;
    }

    private static double caffeine(int[] trace) {
        Cache<Integer, Integer> cache = Caffeine.newBuilder().maximumWeight(SIZE)
                .weigher((Integer prompt, Integer weight) -> weight).executor(Runnable::run).build();
        int hits = 0;
        for (int prompt : trace) {
            if (cache.getIfPresent(prompt) == null) {
                cache.put(prompt, Kept.weight(LENGTHS[prompt]));
            } else {
                hits++;
            }
        }
        return (double) hits / trace.length;
    }

    @ParameterizedTest
    @CsvSource({"0.7, 1", "0.9, 1", "1.1, 1", "0.9, 2", "0.9, 7"})
    void findsAsManyAsCaffeine(double skew, int tenants) {
        int[] trace = trace(skew, 42);
        double ours = ours(trace, tenants);
        double caffeine = caffeine(trace);
        assertThat(ours).isCloseTo(caffeine, within(TOLERANCE));
    }
}
