package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.TestGateway;

/** Programs written for openai 0.28 run on, with nothing changed but the key and the address. */
@Timeout(120)
class LegacyPythonTest {
    private static final int FREE_RPM = 100;

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @ParameterizedTest
    @ValueSource(strings = {"poem.py", "capital.py"})
    void sampleIsAnsweredAndThenFromTheCache(String sample, @TempDir Path folder) throws Exception {
        String python = Tools.python("requirements-0.txt");
        gateway.start("""
                tenants: [{ name: bot, keys: ["${BOT}"] }]
                """);
        Path program = withKey(sample, folder);
        Map<String, String> environment = Map.of("OPENAI_API_BASE", gateway.baseUrl(), "OPENAI_API_KEY",
                gateway.key("BOT"));
        String first = Script.output(List.of(python, program.toString()), environment);
        String second = Script.output(List.of(python, program.toString()), environment);

        assertThat(first).startsWith("answer-");
        assertThat(second).isEqualTo(first);
        assertThat(gateway.log().calls(2)).extracting(call -> call.getString("cache")).containsExactly("MISS", "HIT");
        assertThat(gateway.metrics()).contains("sluice_cache_requests_total{result=\"HIT\",tenant=\"bot\"} 1.0");
        assertThat(gateway.upstream().requests()).isEqualTo(1);
        assertThat(gateway.upstream().lastRequests().getFirst().uri()).isEqualTo("/v1/completions");
    }

    private Path withKey(String sample, Path folder) throws IOException {
        String text = Files.readString(Tools.python().resolve(sample));
        return Files.writeString(folder.resolve(sample), text.replace("<YOUR_API_KEY>", gateway.key("BOT")));
    }

    @Test
    void readsEveryKindOfAnswer() {
        gateway.start("""
                tenants: [{ name: bot, keys: ["${BOT}"] }]
                """);
        Session session = Sdk.PYTHON_0.start(Call.of("answers", gateway, "BOT"));
        JsonObject seen = session.next();
        session.end();
        assertThat(seen.getString("completion")).startsWith("answer-").isEqualTo(seen.getString("completionStream"));
        assertThat(seen.getString("chatOfModel")).startsWith("answer-").isEqualTo(seen.getString("chatOfEngine"))
                .isEqualTo(seen.getString("chatStream"));
        assertThat(seen.getInteger("embeddingOfModel")).isEqualTo(1536);
        assertThat(seen.getInteger("embeddingOfEngine")).isEqualTo(1536);
        assertThat(seen.getBoolean("moderation")).isFalse();
        assertThat(seen.getJsonArray("models")).contains("gpt-4o-mini");
        assertThat(gateway.log().calls(9)).extracting(call -> call.getInteger("status")).containsOnly(200);
    }

    @Test
    void freeTenantHasItsHundredAtOnceAndThenOneEverySixHundredMillis() {
        gateway.start("""
                tenants: [{ name: bot, plan: free, keys: ["${BOT}"] }]
                """);
        Session session = Sdk.PYTHON_0.start(Call.of("exhaust", gateway, "BOT"));
        JsonObject seen = session.next();
        session.end();

        int refused = seen.getInteger("refused");
        JsonObject headers = seen.getJsonObject("headers");
        System.out.printf("free: request %d is refused, %.2f to %.2f s after the first; retry-after-ms %s%n", refused,
                seen.getDouble("least"), seen.getDouble("most"), headers.getString("retry-after-ms"));
        assertThat(refused).isBetween(firstRefused(seen.getDouble("least")), firstRefused(seen.getDouble("most")));
        assertThat(seen.getString("error")).isEqualTo("RateLimitError");
        assertThat(headers.getString("retry-after")).isEqualTo("1");
        assertThat(Integer.parseInt(headers.getString("retry-after-ms"))).isBetween(1, 600);
        assertThat(headers.getString("x-ratelimit-limit-requests")).isEqualTo("100");
        assertThat(headers.getString("x-ratelimit-remaining-requests")).isEqualTo("0");
        assertThat(gateway.upstream().requests()).isEqualTo(refused - 1);
    }

    /** The number of the request that finds the bucket empty, so many seconds after the first. */
    private static int firstRefused(double seconds) {
        return FREE_RPM + 1 + (int) Math.floor(seconds * FREE_RPM / 60);
    }
}
