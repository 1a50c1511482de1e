package sluice.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.time.Time;
import sluice.yaml.InvalidConfig;

/** A gateway in the foreground, from its configuration to the signal that ends it. */
final class GatewayRun {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayRun.class);

    private GatewayRun() {}

    /** Reads the file and runs the gateway; the exit code of a start that fails, which is told in one line. */
    static int run(Path file, PrintWriter err) throws InterruptedException {
        GatewayConfig config;
        Set<Path> read = new LinkedHashSet<>();
        try {
            config = ConfigReader.read(file, System::getenv, read::add);
        } catch (InvalidConfig invalid) {
            err.println(invalid.getMessage());
            return ExitCode.USAGE;
        }
        config.warnings().forEach(LOG::warn);
        Gateway gateway;
        try {
            gateway = Gateway.start(config, Time.system()).await();
        } catch (RuntimeException unexpected) {
            throw unexpected;
        } catch (Exception failure) {
            err.println("The gateway could not start: " + failure.getMessage());
            return ExitCode.SOFTWARE;
        }
        LOG.info("{}", gateway.summary());
        LOG.info("console at {}", gateway.console());
        ConfigReload reload = gateway.follow(file, System::getenv, read);
        if (!Hangup.listen()) {
            LOG.warn("this platform has no SIGHUP; the configuration reloads when its file changes");
        }
        Hangup.then(reload::read);
        untilStopped(gateway, () -> {});
        return 0;
    }

    /**
     * Drains on SIGTERM and Ctrl-C, then exits with code 0, which the signal alone would not give.
     *
     * @param last is done after the drain
     */
    static void untilStopped(Gateway gateway, Runnable last) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                gateway.drain().await();
                last.run();
                LOG.info("stopped");
            } finally {
                Main.flushLog();
                Runtime.getRuntime().halt(0);
            }
        }, "drain"));
        new CountDownLatch(1).await();
    }
}
