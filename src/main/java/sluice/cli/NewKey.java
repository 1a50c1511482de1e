package sluice.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sluice.config.TenantName;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.KeyText;

/** Makes a key for a tenant. The key itself is printed once and stored nowhere. */
@Command(name = "key", mixinStandardHelpOptions = true, description = {
        "Makes a key for a tenant and prints it once, with the line for the configuration.", "Nothing is stored."})
public final class NewKey implements Callable<Integer> {
    @Parameters(paramLabel = "TENANT", description = "The tenant's name in the configuration.")
    private String tenant = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        Optional<String> mistake = TenantName.mistake(tenant);
        if (mistake.isPresent()) {
            spec.commandLine().getErr().println("TENANT: " + tenant + " (expected: " + mistake.get() + ")");
            return ExitCode.USAGE;
        }
        KeyText key = KeyText.random();
        KeyDigest digest = key.digest();
        PrintWriter out = spec.commandLine().getOut();
        out.println("key:  " + key.reveal());
        out.println("id:   " + digest.id());
        out.println();
        out.println("The key is shown only once: give it to " + tenant
                + ". Accept it with this line in the configuration,");
        out.println("under `keys` of the tenant " + tenant + ":");
        out.println();
        out.println("      - \"sha256:" + digest.hex() + "\"");
        out.flush();
        return ExitCode.OK;
    }
}
