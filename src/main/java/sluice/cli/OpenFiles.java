package sluice.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many files and sockets this process may open. If callers took the last of them, nothing could be opened to reach
 * the upstream, to write the ledger, to read the configuration, or to look at what is wrong.
 *
 * @param most the process's limit
 */
record OpenFiles(long most) {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);
    /** For the upstream, Redis, the ledger, the admin listener and libraries; a fifth where there are few. */
    private static final long OTHERS = 400;

    static OpenFiles allowed() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        return new OpenFiles(system instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE);
    }

    /** {@code listen.max-connections} as configured, or smaller, with a warning, if it would leave too few for others. */
    int fit(int connections) {
        long room = Math.max(1, most - Math.min(OTHERS, most / 5));
        if (connections <= room) {
            return connections;
        }
        LOG.warn("listen.max-connections is lowered from {} to {}: this process may open only {} files; raise ulimit -n"
                + " (LimitNOFILE in systemd), or lower it yourself", connections, room, most);
        return (int) room;
    }
}
