package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.testing.LogSchema;
import sluice.testing.ManualTime;

/** Code, schema and documentation know the same fields of a log line. */
class LogFieldsTest {
    private static final Software SOFTWARE = new Software("curl/8", "python/2.52.0");
    private static final Why WHY = new Why("rpm", 100, 0, 1, 600_000_000, "", "/v1/nothing");

    /** All that can be known of a call. */
    private static final Facts ALL = new Facts() {
        @Override
        public String tenant() {
            return "bot";
        }

        @Override
        public String keyId() {
            return "ba7816bf8f01";
        }

        @Override
        public String subject() {
            return "system:serviceaccount:search:api";
        }

        @Override
        public String model() {
            return "gpt-4o";
        }

        @Override
        public String cache() {
            return "MISS";
        }

        @Override
        public String account() {
            return "main";
        }

        @Override
        public String upstreamId() {
            return "req_1";
        }
    };

    private static String line(Facts facts, int status, String code, ModelUse use, Why why) {
        Logger logger = (Logger) LoggerFactory.getLogger("sluice.access");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            AccessLog log = new AccessLog(new ManualTime().time(), never -> {
                // It is written when the log is closed.
            });
            log.write(new Spent(new Origin("1f", "POST", "chat_completions", "10.0.0.1", SOFTWARE), facts,
                    new Spent.Told(status, Outcome.ANSWERED, code, 10, use, why),
                    new Spent.Times(1, 1, 1, 1, 1, 1), new Cost.Priced(1_000_000, LocalDate.EPOCH), Cost.NOTHING));
            log.close();
            return lines.list.getLast().getFormattedMessage();
        } finally {
            logger.detachAppender(lines);
        }
    }

    @Test
    void everyFieldOfACallIsInTheSchema() {
        String full = line(ALL, 429, "rate_limit_exceeded",
                new ModelUse.Reported("gpt-4o-2024-08-06", "flex", new Usage(3, 4, 1)), WHY);
        LogSchema.holds(full);
        assertThat(new JsonObject(full).fieldNames()).containsExactlyInAnyOrderElementsOf(LogSchema.fields("call"));
        LogSchema.holds(line(Facts.NONE, 0, "", ModelUse.nothing(), Why.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"call", "event"})
    void everyFieldIsExplained(String kind) throws IOException {
        String all = Files.readString(Path.of("docs/log-fields.md"));
        int events = all.indexOf("## Events");
        String part = kind.equals("call") ? all.substring(0, events) : all.substring(events);
        Set<String> explained = new TreeSet<>();
        part.lines().filter(row -> row.startsWith("| `")).map(row -> row.substring(0, row.indexOf('|', 1)))
                .forEach(cell -> Pattern.compile("`(\\w+)`").matcher(cell).results()
                        .forEach(name -> explained.add(name.group(1))));
        assertThat(explained).isEqualTo(LogSchema.fields(kind));
    }

    @Test
    void softwareIsBoundedAndNeverAKey() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("User-Agent", "a".repeat(10_000))
                .add("X-Stainless-Lang", "js").add("X-Stainless-Package-Version", "6.1.0");
        assertThat(Software.of(headers)).isEqualTo(new Software("a".repeat(256), "js/6.1.0"));
        assertThat(Software.of(headers.set("user-agent", "x sk-sluice-0123456789 y")).agent()).isEqualTo("x *** y");
        for (String unknown : List.of("x-stainless-package-version", "accept")) {
            assertThat(Software.of(MultiMap.caseInsensitiveMultiMap().add(unknown, "1")))
                    .isSameAs(Software.UNKNOWN);
        }
    }
}
