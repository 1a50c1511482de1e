package sluice.metrics;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.ClassicConstants;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Logs JSON lines to standard output. Logback finds this class as a service; reading XML instead would delay each start
 * by 30 ms. {@code -Dlogback.configurationFile=FILE} takes a file in its place.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    private static final int CALLS = 512;
    private static final int EVENTS = 4096;

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(ClassicConstants.CONFIG_FILE_PROPERTY) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        // Lines of the access log come many at a time, and all are of one level.
        Logger access = context.getLogger("sluice.access");
        access.setLevel(Level.INFO);
        access.setAdditive(false);
        access.addAppender(queued("access", new LineEncoder(), CALLS, 0));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(queued("log", eventEncoder(), EVENTS, EVENTS / 5));
        // A new connection pool to Redis has the meters of the one that it replaces.
        context.getLogger("io.micrometer.core.instrument.MeterRegistry").setLevel(Level.ERROR);
        // Each WebSocket that the upstream refuses; the access log tells of it.
        context.getLogger("io.vertx.core.http.impl.HttpClientConnection").setLevel(Level.ERROR);
        // The ledger tells itself when it cannot be reached; its parts tell of every attempt.
        context.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
        context.getLogger("org.flywaydb").setLevel(Level.WARN);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** A slow reader of the log loses lines rather than hold an event loop; the last places are for warnings. */
    private AsyncAppender queued(String name, Encoder<ILoggingEvent> encoder, int places, int forWarnings) {
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName(name);
        console.setEncoder(encoder);
        console.start();
        AsyncAppender queue = new AsyncAppender();
        queue.setContext(context);
        queue.setName(name + "-later");
        queue.setQueueSize(places);
        queue.setDiscardingThreshold(forWarnings);
        queue.setNeverBlock(true);
        queue.addAppender(console);
        queue.start();
        return queue;
    }

    private static JsonEncoder eventEncoder() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMDC(false);
        encoder.setWithMarkers(false);
        encoder.setWithKVPList(false);
        encoder.setWithArguments(false);
        encoder.setWithMessage(false);
        encoder.setWithFormattedMessage(true);
        return encoder;
    }
}
