package sluice.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import sluice.litellm.Conversion;
import sluice.litellm.UnusableAnswer;

/** {@code sluice import}: converts the configuration of another gateway. */
@Command(name = "import", mixinStandardHelpOptions = true, description = "Converts the configuration of another gateway.")
public final class Import {
    private static final int PORT = 8080;
    private static final int ADMIN_PORT = 9090;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    /** Prints the configuration, and on standard error what remains to be done and what has no counterpart. */
    @Command(name = "litellm", mixinStandardHelpOptions = true, description = {
            "Converts the configuration of a LiteLLM proxy and prints it.",
            "Lists on standard error what remains to be done, and what has no counterpart."})
    int liteLlm(@Parameters(paramLabel = "FILE", description = "The proxy's config.yaml.") Path file,
            @Option(names = "--teams", paramLabel = "FILE", description = "The proxy's response to GET /team/list: its teams become tenants and keep their keys. Repeatable, for pages.") @Nullable List<Path> teams,
            @Option(names = "--keys", paramLabel = "FILE", description = "Its response to GET /key/list?return_full_object=true: keys without a team become tenants, the others join their team. Repeatable, for pages.") @Nullable List<Path> keys,
            @Option(names = "--shadow", description = "Tenants' limits are counted, and never refuse.") boolean shadow,
            @Option(names = "--trial", paramLabel = "URL", description = "For a trial against a stand-in for OpenAI at this base URL, such as http://127.0.0.1:8081/v1: no keys, Redis or admin token of production. Prints the command that starts it.") @Nullable URI trial,
            @Option(names = "--port", paramLabel = "PORT", description = "The gateway's port in a trial (8080).") @Nullable Integer port,
            @Option(names = "--admin-port", paramLabel = "PORT", description = "Its admin listener's port in a trial (9090).") @Nullable Integer adminPort) {
        PrintWriter err = spec.commandLine().getErr();
        if (trial == null && (port != null || adminPort != null)) {
            err.println("--port and --admin-port are for a trial: give --trial too, or set listen.port and admin.port");
            return ExitCode.USAGE;
        }
        if (trial != null && (trial.getHost() == null || trial.getPort() < 0)) {
            err.println("--trial " + trial + " (expected: the stand-in's base URL with its port, such as"
                    + " http://127.0.0.1:8081/v1)");
            return ExitCode.USAGE;
        }
        Conversion converted;
        try {
            converted = Conversion.of(read(file), new Conversion.Callers(answers(teams), answers(keys)),
                    new Conversion.Use(shadow, Optional.ofNullable(trial)
                            .map(standIn -> new Conversion.TrialAt(standIn, port == null ? PORT : port,
                                    adminPort == null ? ADMIN_PORT : adminPort))));
        } catch (IOException | UnusableAnswer unusable) {
            err.println(unusable.getMessage());
            return ExitCode.USAGE;
        }
        if (converted.accounts() == 0) {
            err.println(file + ": " + String.join("\n", converted.missing()));
            return ExitCode.USAGE;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(converted.yaml());
        out.flush();
        err.println(converted.summary());
        converted.notes().forEach(err::println);
        return ExitCode.OK;
    }

    private static List<Conversion.Answer> answers(@Nullable List<Path> files) throws IOException {
        List<Conversion.Answer> answers = new ArrayList<>();
        for (Path file : files == null ? List.<Path>of() : files) {
            answers.add(new Conversion.Answer(file.toString(), text(file)));
        }
        return answers;
    }

    /** The file with those that it includes, as LiteLLM reads them: lists grow, other sections are replaced. */
    private static @Nullable Object read(Path file) throws IOException {
        Object root = parsed(file);
        if (!(root instanceof Map<?, ?> given && given.get("include") instanceof List<?> included)) {
            return root;
        }
        Map<Object, Object> all = new LinkedHashMap<>(given);
        all.remove("include");
        for (Object name : included) {
            if (parsed(file.resolveSibling(String.valueOf(name))) instanceof Map<?, ?> more) {
                more.forEach((section, value) -> all.compute(section,
                        (same, before) -> extended(before, value)));
            }
        }
        return all;
    }

    private static @Nullable Object extended(@Nullable Object before, @Nullable Object more) {
        if (!(before instanceof List<?> list && more instanceof List<?> further)) {
            return more == null ? before : more;
        }
        List<Object> extended = new ArrayList<>(list);
        extended.addAll(further);
        return extended;
    }

    private static @Nullable Object parsed(Path file) throws IOException {
        try {
            return new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(text(file));
        } catch (YamlEngineException unreadable) {
            throw new IOException(file + " is not YAML: " + unreadable.getMessage(), unreadable);
        }
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException missing) {
            throw new IOException(file + " cannot be read: there is no such file", missing);
        } catch (IOException unreadable) {
            throw new IOException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
