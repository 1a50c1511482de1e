package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.cache.AnswerCache;
import sluice.cache.CachePolicies;
import sluice.cache.CachePolicy;
import sluice.testing.CapturedLog;

class ProcessMemoryTest {

    @ParameterizedTest
    @CsvSource({"1024, 358, 256, 256, 256", "1024, 512, 256, 256, 128", "512, 179, 256, 256, 0",
            "8192, 512, 512, 9000, 7040"})
    void cacheGetsWhatTheOthersLeave(long limit, long heap, long sockets, long asked, long given) {
        try (CapturedLog log = CapturedLog.open()) {
            AnswerCache.Settings settings = new AnswerCache.Settings(
                    new CachePolicies(CachePolicy.of(AnswerCache.Mode.IDENTICAL, Duration.ofMinutes(1))), asked << 20,
                    1, AnswerCache.Scope.TENANT, true, true);
            assertThat(new ProcessMemory(limit << 20, heap << 20, sockets << 20).fit(settings, 0))
                    .isEqualTo(settings.withMaxSize(given << 20));
            assertThat(log.lines()).hasSize(asked == given ? 0 : 1)
                    .allMatch(line -> line.contains("lowered from ") && line.contains(" to " + given + " MiB"));
        }
    }
}
