package sluice.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;

/** Checks whether a configuration is usable, and prints what is in effect. */
@Command(name = "check", mixinStandardHelpOptions = true, description = {
        "Checks a configuration file and prints the effective configuration, without secrets. With --offline, checks only its form.",
        "Warnings and problems go to standard error. Exits with 2 if there is any problem."})
public final class Check implements Callable<Integer> {
    private final Function<String, @Nullable String> environment;

    @Option(names = "--config", paramLabel = "FILE", description = "The file to check (${DEFAULT-VALUE}).")
    private Path config = Path.of("config/sluice.yaml");

    @Option(names = "--offline", description = "Check only the form, without the environment and the files it refers to.")
    private boolean offline;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    public Check() {
        this(System::getenv);
    }

    /** @param environment the value of a variable, or null if it is not set */
    public Check(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            GatewayConfig checked = offline ? ConfigReader.readOffline(config) : ConfigReader.read(config, environment);
            if (!offline) {
                spec.commandLine().getOut().print(checked.effective().yaml());
                spec.commandLine().getOut().flush();
            }
            checked.warnings().forEach(warning -> err.println("warning: " + warning));
            return ExitCode.OK;
        } catch (InvalidConfig e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        }
    }
}
