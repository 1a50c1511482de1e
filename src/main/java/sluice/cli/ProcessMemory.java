package sluice.cli;

import com.sun.management.OperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cache.AnswerCache;

/**
 * How this process may use the memory of its machine or container, in bytes.
 *
 * @param limit   all there is
 * @param heap    the largest heap
 * @param sockets the most that buffers of sockets take
 */
record ProcessMemory(long limit, long heap, long sockets) {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessMemory.class);
    private static final long MIB = 1 << 20;
    /** Code, threads, classes and the collector's own. */
    private static final long ELSE = 128 * MIB;

    static ProcessMemory measured() {
        return new ProcessMemory(
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
                Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory());
    }

    /**
     * The cache as configured, or smaller, with a warning, if it could outgrow the memory.
     *
     * @param beside what is needed beside it
     */
    AnswerCache.Settings fit(AnswerCache.Settings asked, long beside) {
        long room = Math.max(0, limit - heap - sockets - ELSE - beside);
        if (asked.maxSizeBytes() <= room) {
            return asked;
        }
        LOG.warn(
                "cache.max-size is lowered from {} to {} MiB: of {} MiB of memory the heap may take {}, socket "
                        + "buffers {}, and everything else {}; give the container more memory, or lower it yourself",
                asked.maxSizeBytes() / MIB, room / MIB, limit / MIB, heap / MIB, sockets / MIB,
                (ELSE + beside) / MIB);
        return asked.withMaxSize(room);
    }
}
