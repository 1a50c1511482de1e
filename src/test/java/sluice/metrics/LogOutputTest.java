package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of log lines while standard output takes none, or takes them slowly. */
@Timeout(30)
class LogOutputTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("sluice.access");
    private final LostLines lost = new LostLines();

    /** A disk that may be full; of a write that finds it full, it takes the first bytes. */
    private static final class Disk extends OutputStream {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private boolean full;

        @Override
        public void write(int each) throws IOException {
            write(new byte[]{(byte) each}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (full) {
                written.write(bytes, from, Math.min(3, length));
                throw new IOException("No space left on device");
            }
            written.write(bytes, from, length);
        }

        private String text() {
            return written.toString(StandardCharsets.UTF_8);
        }
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void linesThatAFullDiskDoesNotTakeAreCountedAndTheNextBeginsAfresh() {
        Disk disk = new Disk();
        LogOutput output = new LogOutput(new LineEncoder(), new LogOutput.Shared(disk, lost));
        output.setContext(context);
        output.start();
        logger.setAdditive(false);
        logger.addAppender(output);
        logger.info("one");
        assertThat(lost.number()).isZero();
        assertThat(lost.why()).isEmpty();
        disk.full = true;
        logger.info("two-a\ntwo-b");
        assertThat(lost.number(LostLines.Why.UNWRITABLE)).isEqualTo(2);
        assertThat(lost.why()).isEqualTo("standard output could not be written: No space left on device");
        disk.full = false;
        logger.info("three");
        logger.info("four");
        assertThat(disk.text()).isEqualTo("one\ntwo\nthree\nfour\n");
        assertThat(lost.number()).isEqualTo(2);
    }

    @Test
    void linesForWhichASlowReaderLeavesNoPlaceAreCounted() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AppenderBase<ILoggingEvent> slow = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                entered.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        slow.setContext(context);
        slow.start();
        LogQueue queue = new LogQueue(4, 2, lost);
        context.setMDCAdapter(new LogbackMDCAdapter());
        queue.setContext(context);
        queue.addAppender(slow);
        queue.start();
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        logger.addAppender(queue);
        logger.info("in hand");
        entered.await();
        for (int i = 0; i < 3; i++) {
            logger.info("has a place");
        }
        assertThat(lost.number()).isZero();
        logger.info("the last place is\nfor a warning");
        assertThat(lost.number(LostLines.Why.SLOW)).isEqualTo(2);
        logger.warn("which is this");
        logger.warn("and there is no other");
        assertThat(lost.number(LostLines.Why.SLOW)).isEqualTo(3);
        assertThat(lost.why()).isEqualTo("standard output was read too slowly");
        goOn.countDown();
    }
}
