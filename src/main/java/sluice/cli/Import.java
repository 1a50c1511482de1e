package sluice.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice import}: converts the configuration of another gateway. */
@Command(name = "import", mixinStandardHelpOptions = true, description = "Converts the configuration of another gateway.")
public final class Import {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    /** Prints the configuration, and on standard error whatever has no counterpart. */
    @Command(name = "litellm", mixinStandardHelpOptions = true, description = {
            "Converts the configuration of a LiteLLM proxy and prints it.",
            "Lists on standard error what has no counterpart."})
    int liteLlm(@Parameters(paramLabel = "FILE", description = "The proxy's config.yaml.") Path file,
            @Option(names = "--teams", paramLabel = "FILE", description = "What the proxy answers to GET /team/list: its teams become tenants and keep their keys.") @Nullable Path teams,
            @Option(names = "--keys", paramLabel = "FILE", description = "What it answers to GET /key/list?return_full_object=true: keys without a team become tenants.") @Nullable Path keys) {
        PrintWriter err = spec.commandLine().getErr();
        LiteLlm converted;
        try {
            converted = LiteLlm.of(read(file), teams == null ? null : read(teams), keys == null ? null : read(keys));
        } catch (IOException unreadable) {
            err.println(unreadable.getMessage());
            return ExitCode.USAGE;
        }
        if (converted.accounts() == 0) {
            err.println(file + ": model_list has no model that an OpenAI-compatible server serves");
            converted.notes().forEach(note -> err.println("- " + note));
            return ExitCode.USAGE;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(converted.yaml());
        out.flush();
        if (!converted.notes().isEmpty()) {
            err.println("To do:");
            converted.notes().forEach(note -> err.println("- " + note));
        }
        return ExitCode.OK;
    }

    /** JSON is YAML too. */
    private static @Nullable Object read(Path file) throws IOException {
        try {
            return new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
                    .loadFromString(Files.readString(file));
        } catch (YamlEngineException unreadable) {
            throw new IOException(file + " is not YAML: " + unreadable.getMessage(), unreadable);
        } catch (IOException unreadable) {
            throw new IOException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
