package sluice.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice export}: writes what a running gateway manages as the configuration would declare it. */
@Command(name = "export", mixinStandardHelpOptions = true, description = {
        "Writes the managed tenants of a running gateway as YAML, with keys as digests.",
        "The configuration can include the file, and apply recreates it elsewhere."})
public final class Export implements Callable<Integer> {
    @Mixin
    private final AdminAccess gateway = new AdminAccess();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            TenantList managed = TenantList.of(gateway);
            spec.commandLine().getOut().print(managed.yaml());
            spec.commandLine().getOut().flush();
            managed.tenants().forEach((name, tenant) -> {
                if (tenant.keys().isEmpty()) {
                    err.println("warning: " + name + " has no key; the configuration requires at least one");
                }
            });
            return ExitCode.OK;
        } catch (IOException refused) {
            err.println(refused.getMessage());
            return ExitCode.SOFTWARE;
        }
    }
}
