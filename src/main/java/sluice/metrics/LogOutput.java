package sluice.metrics;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the log, and counts what cannot be written. Logback's own appender would write to {@code System.out}, which
 * tells nobody of an error, or end for good at the first one.
 */
final class LogOutput extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final byte[] NEW_LINE = "\n".getBytes(StandardCharsets.UTF_8);

    /** Where bytes go. Whoever writes shares it with others. */
    static final class Shared {
        private final OutputStream to;
        private final LostLines lost;
        /** Whether the last write failed, perhaps in the middle of a line. */
        private boolean torn;

        Shared(OutputStream to, LostLines lost) {
            this.to = to;
            this.lost = lost;
        }

        /** If it fails, all of its lines count as lost, though some of them may have been written. */
        private synchronized void write(byte[] lines) {
            try {
                if (torn) {
                    to.write(NEW_LINE);
                    torn = false;
                }
                to.write(lines);
            } catch (IOException full) {
                torn = true;
                lost.unwritable(lines(lines), String.valueOf(full.getMessage()));
            }
        }

        private static long lines(byte[] text) {
            long number = 0;
            for (byte each : text) {
                if (each == '\n') {
                    number++;
                }
            }
            return number;
        }
    }

    private final Encoder<ILoggingEvent> encoder;
    private final Shared output;

    LogOutput(Encoder<ILoggingEvent> encoder, Shared output) {
        this.encoder = encoder;
        this.output = output;
    }

    @Override
    protected void append(ILoggingEvent event) {
        output.write(encoder.encode(event));
    }
}
