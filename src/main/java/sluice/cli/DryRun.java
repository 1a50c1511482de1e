package sluice.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import sluice.admin.Rehearsing;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.ledger.Ledger;
import sluice.openai.GoDuration;
import sluice.time.Time;

/** {@code sluice dry-run}: replays the calls of the last hour against the limits of a changed configuration. */
@Command(name = "dry-run", mixinStandardHelpOptions = true, description = {
        "Replays the calls of the last hour, from the ledger, against the limits of a changed configuration file, and says "
                + "whom they would have refused. Only reads; the gateway may run meanwhile.",
        "The use of calls that were refused is estimated. Waiting for the accounts' quota is not replayed, nor are retries."})
public final class DryRun implements Callable<Integer> {
    private static final int MOST_CALLS = 1_000_000;

    private final Function<String, @Nullable String> environment;
    private final Time time;

    @Option(names = "--config", paramLabel = "FILE", description = "The changed file (${DEFAULT-VALUE}). It also names the ledger.")
    private Path config = Path.of("config/sluice.yaml");

    @Option(names = "--last", paramLabel = "TIME", description = "How far to look back, such as 30m or 24h (${DEFAULT-VALUE}); at most 48h.")
    private String last = "1h";

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    public DryRun() {
        this(System::getenv, Time.system());
    }

    /** @param environment the value of a variable, or null if it is not set */
    public DryRun(Function<String, @Nullable String> environment, Time time) {
        this.environment = environment;
        this.time = time;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Duration back = back();
        try {
            GatewayConfig changed = ConfigReader.read(config, environment);
            if (!changed.keepsCalls()) {
                err.println(Replayed.NOT_SHARED);
                return ExitCode.SOFTWARE;
            }
            try (Ledger ledger = Ledger.readOnly(changed.ledger())) {
                Replayed replayed = Replayed.of(changed, ledger, back, time.now(), MOST_CALLS);
                replayed.warnings().forEach(warning -> err.println("warning: " + warning));
                PrintWriter out = spec.commandLine().getOut();
                out.print(json ? replayed.json().encodePrettily() + "\n" : replayed.text(config.toString()));
                out.flush();
            }
            return ExitCode.OK;
        } catch (InvalidConfig e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        } catch (IOException | Rehearsing.Unusable e) {
            err.println(e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }

    private Duration back() {
        Duration back = Duration.ofNanos(GoDuration.parse(last));
        if (back.compareTo(Duration.ZERO) <= 0 || back.compareTo(Replayed.LONGEST) > 0) {
            throw new ParameterException(spec.commandLine(),
                    "--last: " + last + " (expected: a time such as 30m or 1h, at most 48h)");
        }
        return back;
    }
}
