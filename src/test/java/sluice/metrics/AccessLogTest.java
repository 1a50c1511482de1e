package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import sluice.metrics.Journal.Outcome;
import sluice.openai.Usage;
import sluice.testing.ManualTime;

class AccessLogTest {
    private final ManualTime time = new ManualTime();
    private final Logger logger = (Logger) LoggerFactory.getLogger("sluice.access");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final List<Runnable> later = new ArrayList<>();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    private JsonObject line(Journal journal) {
        AccessLog log = new AccessLog(time.time(), later::add);
        log.write(journal);
        log.close();
        String line = lines.list.getLast().getFormattedMessage();
        assertThat(line).doesNotContain("\n").doesNotContain("\r");
        return new JsonObject(line);
    }

    private static Journal full() {
        Journal journal = new Journal("1f", "POST", "10.0.0.1", 0);
        journal.endpoint = "chat_completions";
        journal.tenant = "bot";
        journal.keyId = "ba7816bf8f01";
        journal.model = "gpt-4o";
        journal.stream = true;
        journal.cache = "MISS";
        journal.account = "main";
        journal.upstreamId = "req_1";
        journal.attempts = 2;
        journal.status = 200;
        journal.code = "c";
        journal.outcome = Outcome.ANSWERED;
        journal.bytesOut = 1234567890123L;
        journal.waitNanos = 1_500_000;
        journal.firstByteNanos = 2_000_499;
        journal.upstreamNanos = Duration.ofMinutes(10).toNanos();
        journal.totalNanos = Duration.ofHours(5).toNanos();
        journal.usage = new Usage(3, 4, 1);
        return journal;
    }

    @Test
    void lineIsOneJsonObjectWithAllThatIsKnown() {
        assertThat(line(full())).isEqualTo(new JsonObject().put("time", "2026-01-01T00:00:00Z").put("id", "1f")
                .put("upstream_id", "req_1").put("tenant", "bot").put("key_id", "ba7816bf8f01").put("method", "POST")
                .put("endpoint", "chat_completions").put("model", "gpt-4o").put("stream", true).put("status", 200)
                .put("outcome", "answered").put("code", "c").put("cache", "MISS").put("account", "main")
                .put("attempts", 2)
                .put("bytes", 1234567890123L).put("input_tokens", 3).put("output_tokens", 4).put("wait_ms", 1.5)
                .put("first_byte_ms", 2.0).put("upstream_ms", 600_000.0).put("total_ms", 18_000_000.0)
                .put("client", "10.0.0.1"));
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        Journal journal = new Journal("1", "GET", "", 0);
        journal.outcome = Outcome.CLIENT_GONE;
        assertThat(line(journal)).isEqualTo(new JsonObject().put("time", "2026-01-01T00:00:00Z").put("id", "1")
                .put("method", "GET").put("endpoint", "none").put("stream", false).put("status", 0)
                .put("outcome", "client-gone").put("attempts", 0).put("bytes", 0).put("wait_ms", 0.0)
                .put("first_byte_ms", 0.0).put("upstream_ms", 0.0).put("total_ms", 0.0));
    }

    @Test
    void nothingThatACallerSendsBreaksTheLine() {
        Journal journal = full();
        journal.model = "\"},\n{\"tenant\":\"other\u0000\\\u2028é😀{}";
        journal.upstreamId = "a\r\nb\tc";
        JsonObject line = line(journal);
        assertThat(line.getString("model")).isEqualTo(journal.model);
        assertThat(line.getString("upstream_id")).isEqualTo(journal.upstreamId);
        assertThat(line.getString("tenant")).isEqualTo("bot");
    }

    @Test
    void lineIsBoundedWhateverItsFieldsHold() {
        String endless = "\u0001".repeat(31 << 20);
        Journal journal = new Journal("1f", endless, endless, 0);
        journal.upstreamId = endless;
        journal.tenant = endless;
        journal.keyId = endless;
        journal.endpoint = endless;
        journal.model = endless;
        journal.code = endless;
        journal.cache = endless;
        journal.account = endless;
        assertThat(line(journal).getString("model")).hasSize(257).endsWith("\u0001…");
        assertThat(lines.list.getLast().getFormattedMessage().getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(8 << 10);
    }

    @Test
    void mayBeTurnedOff() {
        logger.setLevel(Level.WARN);
        AccessLog log = new AccessLog(time.time(), later::add);
        log.write(full());
        log.close();
        assertThat(lines.list).isEmpty();
        assertThat(later).isEmpty();
    }

    @Test
    void linesAreGatheredUntilTheirTimeOrTheirSize() {
        AccessLog log = new AccessLog(time.time(), later::add);
        log.write(full());
        log.write(full());
        assertThat(lines.list).isEmpty();
        assertThat(later).hasSize(1);
        later.removeFirst().run();
        assertThat(lines.list).hasSize(1).allMatch(some -> some.getFormattedMessage().lines().count() == 2);
        while (lines.list.size() == 1) {
            log.write(full());
        }
        assertThat(lines.list.getLast().getFormattedMessage()).hasSizeBetween(32 * 1024, 33 * 1024);
        assertThat(later).hasSize(1);
    }

    @Test
    void nothingIsGatheredAnyMoreOnceClosed() {
        AccessLog log = new AccessLog(time.time(), later::add);
        log.write(full());
        log.close();
        log.write(full());
        assertThat(lines.list).hasSize(2);
    }
}
