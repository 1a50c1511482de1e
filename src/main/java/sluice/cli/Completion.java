package sluice.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice completion}: prints a completion script for the shell. */
@Command(name = "completion", mixinStandardHelpOptions = true, description = {
        "Prints a completion script for bash and zsh.", "To use it: source <(sluice completion)"})
public final class Completion implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(AutoComplete.bash("sluice", spec.root().commandLine()));
        out.flush();
        return ExitCode.OK;
    }
}
