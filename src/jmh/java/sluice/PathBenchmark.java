package sluice;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sluice.cache.PromptKey;
import sluice.openai.Envelope;
import sluice.openai.Endpoint;
import sluice.openai.EnvelopeReader;
import sluice.openai.MalformedBody;
import sluice.openai.SseEvents;
import sluice.openai.StreamEnd;
import sluice.openai.Usage;
import sluice.openai.UsageAt;
import sluice.openai.AnswerTap;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.quota.QuotaBucket;
import sluice.tenancy.KeyDigest;
import sluice.time.Time;

/** What single pieces of a call's path take: {@code mvn -Pjmh test-compile exec:exec@jmh}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PathBenchmark {
    private static final String EVENT = "data: {\"id\":\"chatcmpl-C9rHG2bTq0yR4nX8sVw1LkZ5dE3f\",\"object\":"
            + "\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,"
            + "\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";
    private static final String KEY = "sk-sluice-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

    /** Words in the prompt and in the answer. */
    @Param({"50", "5000"})
    private int words;

    private byte[] body = {};
    private Buffer answer = Buffer.buffer();
    private final Buffer event = Buffer.buffer(EVENT);
    private final QuotaBucket bucket = LocalBucket.of(new Limit(Limit.Kind.RPM, 1_000_000_000), Time.system());

    @Setup
    public void prepare() {
        String text = "word ".repeat(words);
        body = ("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text
                + "\"}],\"temperature\":0.7,\"max_tokens\":64}").getBytes(StandardCharsets.UTF_8);
        answer = Buffer.buffer("{\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                + text + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":38,\"completion_tokens\":52}}");
    }

    @Benchmark
    public KeyDigest keyDigest() {
        return KeyDigest.of(KEY);
    }

    @Benchmark
    public Envelope envelope() throws MalformedBody {
        return EnvelopeReader.read(body, Endpoint.RESPONSES);
    }

    @Benchmark
    public PromptKey canonicalHash() {
        return PromptKey.of("bot", "", "/chat/completions", null, body, null);
    }

    @Benchmark
    public Object bucket() {
        return bucket.take(1);
    }

    @Benchmark
    public @Nullable Usage usageOfAnswer() {
        AnswerTap tap = new AnswerTap();
        tap.accept(answer);
        return tap.usage();
    }

    @Benchmark
    public Buffer eventOfStream() {
        return new SseEvents(StreamEnd.DONE_LINE, UsageAt.ROOT, false).accept(event);
    }
}
