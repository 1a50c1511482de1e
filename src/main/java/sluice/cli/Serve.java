package sluice.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice serve}: runs the gateway until it is stopped. */
@Command(name = Serve.NAME, mixinStandardHelpOptions = true, versionProvider = Main.Version.class, description = {
        "Runs the gateway. SIGTERM drains it.", "SIGHUP and a change of the file reload the configuration."})
public final class Serve implements Callable<Integer> {
    static final String NAME = "serve";
    static final String CONFIG = "--config";

    @Option(names = CONFIG, paramLabel = "FILE", description = "The configuration (${DEFAULT-VALUE}).")
    private Path config = Path.of("config/sluice.yaml");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        return GatewayRun.run(config, spec.commandLine().getErr());
    }
}
