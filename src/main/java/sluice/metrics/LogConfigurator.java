package sluice.metrics;

import ch.qos.logback.classic.ClassicConstants;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;

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
        LostLines lost = new LostLines();
        lost.countIn(context);
        LogOutput.Shared output = new LogOutput.Shared(standardOutput(), lost);
        // Lines of the access log come many at a time, and all are of one level.
        Logger access = context.getLogger("sluice.access");
        access.setLevel(Level.INFO);
        access.setAdditive(false);
        access.addAppender(queued("access", new LineEncoder(), output, new LogQueue(CALLS, 0, lost)));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(queued("log", eventEncoder(), output, new LogQueue(EVENTS, EVENTS / 5, lost)));
        // A new connection pool to Redis has the meters of the one that it replaces.
        context.getLogger("io.micrometer.core.instrument.MeterRegistry").setLevel(Level.ERROR);
        // Each WebSocket that the upstream refuses; the access log tells of it.
        context.getLogger("io.vertx.core.http.impl.HttpClientConnection").setLevel(Level.ERROR);
        // The ledger tells itself when it cannot be reached; its parts tell of every attempt.
        context.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
        context.getLogger("org.flywaydb").setLevel(Level.WARN);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** The file itself, whose errors are told. Where another stream stands in for it, as in tests, lines belong there. */
    private static OutputStream standardOutput() {
        return System.out.getClass().equals(PrintStream.class) ? new FileOutputStream(FileDescriptor.out) : System.out;
    }

    private LogQueue queued(String name, Encoder<ILoggingEvent> encoder, LogOutput.Shared shared, LogQueue queue) {
        encoder.setContext(context);
        encoder.start();
        LogOutput output = new LogOutput(encoder, shared);
        output.setContext(context);
        output.setName(name);
        output.start();
        queue.setContext(context);
        queue.setName(name + "-later");
        queue.addAppender(output);
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
