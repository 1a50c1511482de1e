package sluice.cli;

import ch.qos.logback.classic.LoggerContext;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;

/** Command-line entry point. */
@Command(name = "sluice", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, description = "A gateway between a company's services and the OpenAI API.")
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Runs one command; exits with 0 on success, 1 on failure, 2 on wrong usage or configuration. */
    public static void main(String[] arguments) {
        if (List.of(arguments).contains(Serve.NAME)) {
            Hangup.listen();
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> LOG.error("an unexpected failure, on thread {}", thread.getName(),
                        failure));
        int code = isPlainServe(arguments) ? serve(Path.of(arguments[2])) : run(line(), arguments);
        flushLog();
        System.exit(code);
    }

    /**
     * Whether this is {@code serve --config FILE}, the usual start of a gateway. It goes without picocli, whose classes
     * are too old for an AOT cache: loading them takes 50 ms.
     */
    static boolean isPlainServe(String... arguments) {
        return arguments.length == 3 && arguments[0].equals(Serve.NAME) && arguments[1].equals(Serve.CONFIG)
                && !arguments[2].startsWith("-") && !arguments[2].startsWith("@");
    }

    private static int serve(Path config) {
        try {
            return GatewayRun.run(config, new PrintWriter(System.err, true, System.err.charset()));
        } catch (Throwable failure) {
            return unexpected(failure);
        }
    }

    /** The command line with all commands. */
    static CommandLine line() {
        CommandLine line = new CommandLine(new Main());
        Stream.of(new Serve(), new Check(), new DryRun(), new NewKey(), new Export(), new Apply(), new Import(),
                new Simulate(), new Demo(), new Completion()).forEach(line::addSubcommand);
        return line;
    }

    /** Logs an unexpected failure like everything else, and returns the exit code of any failure. */
    static int run(CommandLine line, String... arguments) {
        try {
            return line.setExecutionExceptionHandler((failure, command, parsed) -> unexpected(failure))
                    .execute(arguments);
        } catch (Throwable failure) {
            return unexpected(failure);
        }
    }

    private static int unexpected(Throwable failure) {
        LOG.error("an unexpected failure", failure);
        return ExitCode.SOFTWARE;
    }

    /** The log has its own writer threads, and an exit would not wait for them. */
    static void flushLog() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            logback.stop();
        }
    }

    /** The version of this build. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** Prints the version on the command line. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[]{"sluice " + version() + " on Java " + Runtime.version()};
        }
    }
}
