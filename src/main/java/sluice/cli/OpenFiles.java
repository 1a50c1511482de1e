package sluice.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * How many files and sockets this process may open. If callers took the last of them, nothing could be opened to reach
 * the upstream, to write the ledger, to read the configuration, or to look at what is wrong.
 *
 * @param most the process's limit
 * @param open those it has open before it listens, its libraries among them
 */
record OpenFiles(long most, long open) {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);
    /** For the upstream, Redis, the ledger and the admin listener; a fifth of all where there are few. */
    private static final long OTHERS = 300;

    static OpenFiles allowed() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        return system instanceof UnixOperatingSystemMXBean unix
                ? new OpenFiles(unix.getMaxFileDescriptorCount(), unix.getOpenFileDescriptorCount())
                : new OpenFiles(Long.MAX_VALUE, 0);
    }

    /** {@code listen.max-connections} as configured, or smaller if it would leave too few for others; much smaller is a warning. */
    int fit(int connections) {
        long room = Math.max(1, most - open - Math.min(OTHERS, most / 5));
        if (connections <= room) {
            return connections;
        }
        LOG.atLevel(room < connections - connections / 10 ? Level.WARN : Level.INFO)
                .log("listen.max-connections is lowered from {} to {}: this process may open only {} files; raise"
                        + " ulimit -n (LimitNOFILE in systemd), or lower it yourself", connections, room, most);
        return (int) room;
    }
}
