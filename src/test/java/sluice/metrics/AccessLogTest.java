package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import sluice.openai.Usage;
import sluice.price.Cost;
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

    /** The facts of a call, set by hand. */
    private record Known(String tenant, String keyId, String model, boolean stream, String cache, String account,
            int attempts, String upstreamId) implements Facts {}

    private JsonObject line(Spent spent) {
        AccessLog log = new AccessLog(time.time(), later::add);
        log.write(spent);
        log.close();
        String line = lines.list.getLast().getFormattedMessage();
        assertThat(line).doesNotContain("\n").doesNotContain("\r");
        return new JsonObject(line);
    }

    private static Spent full() {
        return full("gpt-4o", "req_1");
    }

    private static Spent full(String model, String upstreamId) {
        return new Spent(new Origin("1f", "POST", "chat_completions", "10.0.0.1",
                new Software("OpenAI/Python 2.52.0", "python/2.52.0")),
                new Known("bot", "ba7816bf8f01", model, true, "MISS", "main", 2, upstreamId),
                new Spent.Told(200, Outcome.ANSWERED, "c", 1234567890123L,
                        new ModelUse.Reported("", "", new Usage(3, 4, 1))),
                new Spent.Times(1_500_000, 0, 2_000_499, Duration.ofMinutes(10).toNanos(), 0,
                        Duration.ofHours(5).toNanos()),
                new Cost.Priced(12_500_000_000L, LocalDate.EPOCH), Cost.NOTHING);
    }

    @Test
    void lineIsOneJsonObjectWithAllThatIsKnown() {
        assertThat(line(full())).isEqualTo(new JsonObject().put("time", "2026-01-01T00:00:00Z").put("level", "INFO")
                .put("id", "1f")
                .put("upstream_id", "req_1").put("tenant", "bot").put("key_id", "ba7816bf8f01").put("method", "POST")
                .put("endpoint", "chat_completions").put("model", "gpt-4o").put("stream", true).put("status", 200)
                .put("outcome", "answered").put("code", "c").put("cache", "MISS").put("account", "main")
                .put("attempts", 2)
                .put("bytes", 1234567890123L).put("input_tokens", 3).put("output_tokens", 4)
                .put("cost_usd", 0.0125).put("wait_ms", 1.5)
                .put("first_byte_ms", 2.0).put("upstream_ms", 600_000.0).put("total_ms", 18_000_000.0)
                .put("client", "10.0.0.1").put("user_agent", "OpenAI/Python 2.52.0").put("sdk", "python/2.52.0"));
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        Spent spent = new Spent(new Origin("1", "GET", "none", ""), Facts.NONE,
                new Spent.Told(0, Outcome.CLIENT_GONE, "", 0, ModelUse.nothing()), new Spent.Times(0, 0, 0, 0, 0, 0),
                Cost.NOTHING, Cost.NOTHING);
        assertThat(line(spent))
                .isEqualTo(new JsonObject().put("time", "2026-01-01T00:00:00Z").put("level", "INFO").put("id", "1")
                        .put("method", "GET").put("endpoint", "none").put("stream", false).put("status", 0)
                        .put("outcome", "client-gone").put("attempts", 0).put("bytes", 0).put("wait_ms", 0.0)
                        .put("first_byte_ms", 0.0).put("upstream_ms", 0.0).put("total_ms", 0.0));
    }

    @Test
    void nothingThatACallerSendsBreaksTheLine() {
        String model = "\"},\n{\"tenant\":\"other\u0000\\\u2028é😀{}";
        String upstreamId = "a\r\nb\tc";
        JsonObject line = line(full(model, upstreamId));
        assertThat(line.getString("model")).isEqualTo(model);
        assertThat(line.getString("upstream_id")).isEqualTo(upstreamId);
        assertThat(line.getString("tenant")).isEqualTo("bot");
    }

    @Test
    void lineIsBoundedWhateverItsFieldsHold() {
        String endless = "\u0001".repeat(31 << 20);
        Spent spent = new Spent(new Origin("1f", endless, endless, endless, new Software(endless, endless)),
                new Known(endless, endless, endless, true, endless, endless, 1, endless),
                new Spent.Told(200, Outcome.ANSWERED, endless, 0, ModelUse.nothing()),
                new Spent.Times(0, 0, 0, 0, 0, 0), Cost.NOTHING, Cost.NOTHING);
        assertThat(line(spent).getString("model")).hasSize(257).endsWith("\u0001…");
        assertThat(lines.list.getLast().getFormattedMessage().getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(12 << 10);
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
