package sluice.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.time.Time;

/** {@code sluice serve}: runs the gateway until it is stopped. */
public final class Serve implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Serve.class);

    private final OptionSpec config;

    private Serve(OptionSpec config) {
        this.config = config;
    }

    /** The command, described without annotations: reading them would delay each start of a gateway. */
    public static CommandSpec command() {
        OptionSpec config = OptionSpec.builder("--config").paramLabel("FILE").type(Path.class)
                .defaultValue("config/sluice.yaml").description("The configuration (${DEFAULT-VALUE}).").build();
        CommandSpec command = CommandSpec.wrapWithoutInspection(new Serve(config)).name("serve")
                .versionProvider(new Main.Version()).addOption(config)
                .addOption(OptionSpec.builder("-h", "--help").usageHelp(true)
                        .description("Show this help message and exit.").build())
                .addOption(OptionSpec.builder("-V", "--version").versionHelp(true)
                        .description("Print version information and exit.").build());
        command.usageMessage().description("Runs the gateway. SIGTERM drains it.",
                "SIGHUP and a change of the file reload the configuration.");
        return command;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = config.command().commandLine().getErr();
        return serve(config.getValue(), err);
    }

    private static int serve(Path file, PrintWriter err) throws InterruptedException {
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
        runUntilStopped(gateway);
        return 0;
    }

    /** Drains on SIGTERM and Ctrl-C, then exits with code 0, which the signal alone would not give. */
    static void runUntilStopped(Gateway gateway) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                gateway.drain().await();
                LOG.info("stopped");
            } finally {
                Main.flushLog();
                Runtime.getRuntime().halt(0);
            }
        }, "drain"));
        new CountDownLatch(1).await();
    }
}
