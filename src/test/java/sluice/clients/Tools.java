package sluice.clients;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * The SDKs of other languages, installed below {@code target/clients} when they are first wanted and kept there. Where
 * that cannot be done, because the language is missing or the packages cannot be had, the test is skipped and says why;
 * with {@code CI=true} in the environment it fails.
 */
final class Tools {
    private static final Path SCRIPTS = Path.of("src/test/clients");
    private static final Path INSTALLED = Path.of("target/clients").toAbsolutePath();

    private Tools() {}

    /** The command that runs a script of Python with what a file of requirements names. */
    static List<String> python(String requirements, String script) {
        return List.of(python(requirements), python().resolve(script).toString());
    }

    /** Python with what a file of requirements names; returns its interpreter. */
    static synchronized String python(String requirements) {
        Path wanted = SCRIPTS.resolve("python").resolve(requirements);
        Path home = INSTALLED.resolve(requirements.replace(".txt", ""));
        String python = home.resolve("bin/python").toString();
        install(wanted, home, () -> {
            Script.output(List.of("python3", "-m", "venv", "--clear", home.toString()), Map.of());
            Script.output(List.of(python, "-m", "pip", "install", "--quiet", "--requirement", wanted.toString()),
                    Map.of());
        });
        return python;
    }

    /** The command that runs a script of Node with what its package file names. */
    static synchronized List<String> node(String script) {
        Path home = INSTALLED.resolve("node");
        install(SCRIPTS.resolve("node/package.json"), home, () -> {
            Files.createDirectories(home);
            copy(SCRIPTS.resolve("node/package.json"), home.resolve("package.json"));
            Script.output(List.of("npm", "install", "--prefix", home.toString(), "--no-package-lock", "--no-audit",
                    "--no-fund", "--silent"), Map.of());
        });
        Path beside = home.resolve(script);
        copy(SCRIPTS.resolve("node").resolve(script), beside);
        return List.of("node", beside.toString());
    }

    static Path python() {
        return SCRIPTS.resolve("python");
    }

    private interface Installation {
        void run() throws IOException, InterruptedException;
    }

    /** Installs unless the same was installed before; the mark of that is a copy of what was wanted. */
    private static void install(Path wanted, Path home, Installation installation) {
        Path mark = home.resolve("installed");
        try {
            if (Files.exists(mark) && Files.mismatch(wanted, mark) == -1) {
                return;
            }
            installation.run();
            copy(wanted, mark);
        } catch (IOException | InterruptedException | AssertionError failure) {
            String reason = "no SDKs of " + home.getFileName() + " on this machine: " + failure.getMessage();
            if ("true".equals(System.getenv("CI"))) {
                fail(reason, failure);
            }
            System.out.println("Skipped: " + reason);
            abort(reason);
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
