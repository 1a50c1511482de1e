package sluice.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Everything that the process logs while it is open, the lines of the access log among it. */
public final class CapturedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private static final String ACCESS = "sluice.access";

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final List<JsonObject> calls = Collections.synchronizedList(new ArrayList<>());
    private final List<Logger> loggers = List.of(logger(org.slf4j.Logger.ROOT_LOGGER_NAME), logger(ACCESS));

    private CapturedLog(LoggerContext context) {
        setContext(context);
    }

    public static CapturedLog open() {
        CapturedLog log = new CapturedLog(logger(ACCESS).getLoggerContext());
        log.start();
        log.loggers.forEach(logger -> logger.addAppender(log));
        return log;
    }

    /** All lines, with the stacks of what was thrown. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** The lines of the access log, in order. */
    public List<JsonObject> calls() {
        return List.copyOf(calls);
    }

    /** The access log when it has this many lines, which come after the answers that they tell of. */
    public List<JsonObject> calls(int expected) {
        Await.until("lines of the access log", calls::size, expected);
        return calls();
    }

    @Override
    protected void append(ILoggingEvent event) {
        String line = event.getFormattedMessage();
        lines.add(event.getThrowableProxy() == null
                ? line
                : line + '\n' + ThrowableProxyUtil.asString(event.getThrowableProxy()));
        // Whoever waits for calls may look for their lines next.
        if (event.getLoggerName().equals(ACCESS)) {
            line.lines().map(JsonObject::new).forEach(calls::add);
        }
    }

    @Override
    public void close() {
        loggers.forEach(logger -> logger.detachAppender(this));
        stop();
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
