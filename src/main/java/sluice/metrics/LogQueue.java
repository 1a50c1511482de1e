package sluice.metrics;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;

/**
 * Lines on their way to the output. A slow reader of the log loses lines rather than hold an event loop; those are
 * counted.
 */
final class LogQueue extends AsyncAppender {
    private final LostLines lost;

    /**
     * Of so many places.
     *
     * @param forWarnings the last places, which are for warnings only
     */
    LogQueue(int places, int forWarnings, LostLines lost) {
        this.lost = lost;
        setQueueSize(places);
        setDiscardingThreshold(forWarnings);
        setNeverBlock(true);
    }

    /** When another thread takes the last place in between, the line is lost uncounted. */
    @Override
    protected void append(ILoggingEvent event) {
        if (getRemainingCapacity() == 0 || (isQueueBelowDiscardingThreshold() && isDiscardable(event))) {
            lost.slow(event.getFormattedMessage().lines().count());
        } else {
            super.append(event);
        }
    }
}
