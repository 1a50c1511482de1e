package sluice.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice apply}: makes a running gateway manage what a file says, after showing what that takes. */
@Command(name = "apply", mixinStandardHelpOptions = true, description = {
        "Makes a running gateway manage the tenants and keys of a file, as written by export.",
        "Shows the changes; makes them with --yes. Running it again changes nothing."})
public final class Apply implements Callable<Integer> {
    @Mixin
    private final AdminAccess gateway = new AdminAccess();

    @Parameters(paramLabel = "FILE", description = "Tenants as in the configuration, with keys as digests.")
    private Path file = Path.of("");

    @Option(names = "--yes", description = "Make the changes.")
    private boolean yes;

    @Option(names = "--prune", description = "Also delete managed tenants and keys that the file does not name.")
    private boolean prune;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        TenantList wanted;
        try {
            wanted = TenantList.read(file);
        } catch (IOException unreadable) {
            spec.commandLine().getErr().println(unreadable.getMessage());
            return ExitCode.USAGE;
        }
        try {
            ApplyPlan plan = ApplyPlan.of(wanted, TenantList.of(gateway), prune);
            if (plan.steps().isEmpty()) {
                out.println("Nothing to change.");
                return ExitCode.OK;
            }
            plan.steps().forEach(step -> out.println(step.told()));
            if (!yes) {
                out.println(plan.steps().size() + " changes. Run again with --yes to make them.");
                return ExitCode.OK;
            }
            for (ApplyPlan.Step step : plan.steps()) {
                gateway.send(step.method(), step.path(), step.body());
            }
            out.println(plan.steps().size() + " changes made.");
            return ExitCode.OK;
        } catch (IOException refused) {
            spec.commandLine().getErr().println(refused.getMessage());
            return ExitCode.SOFTWARE;
        } finally {
            out.flush();
        }
    }
}
