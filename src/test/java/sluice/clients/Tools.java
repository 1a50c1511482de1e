package sluice.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The commands that run the scripts of other languages, each with its packages installed. */
final class Tools {
    private static final Path SCRIPTS = Path.of("src/test/clients");
    private static final Path INSTALLED = Path.of("target/clients").toAbsolutePath();
    private static final String MODULE = "{ \"private\": true, \"type\": \"module\" }";

    private Tools() {}

    /** The command that runs a script of Python with what a file of requirements names. */
    static List<String> python(String requirements, String script) {
        return List.of(python(requirements), python().resolve(script).toString());
    }

    /** Python with what a file of requirements names; returns its interpreter. */
    static synchronized String python(String requirements) {
        Path wanted = SCRIPTS.resolve("python").resolve(requirements);
        Path home = INSTALLED.resolve(requirements.replace(".txt", ""));
        Installation.ensure(home, text(wanted), () -> pip(home, List.of("--requirement", wanted.toString())));
        return interpreter(home);
    }

    /** The command that runs a script of Node with what its package file names. */
    static List<String> node(String script) {
        return node("node", script);
    }

    /** The same, from another folder of scripts, with packages of its own. */
    static synchronized List<String> node(String folder, String script) {
        Path home = INSTALLED.resolve(folder);
        String wanted = text(SCRIPTS.resolve(folder).resolve("package.json"));
        Installation.ensure(home, wanted, () -> npm(home, wanted, List.of()));
        scripts(SCRIPTS.resolve(folder)).forEach(each -> copy(each, home.resolve(each.getFileName())));
        return List.of("node", home.resolve(script).toString());
    }

    /** The program of a browser that is installed on this machine. */
    static String chromium() {
        List<Path> all = Stream.of("chromium", "chromium-browser", "google-chrome").map(Path.of("/usr/bin")::resolve)
                .filter(Files::isExecutable).toList();
        Path home = INSTALLED.resolve("chromium");
        Installation.ensure(home, all.toString(), () -> {
            if (all.isEmpty()) {
                throw new IOException("install the package chromium");
            }
            Files.createDirectories(home);
        });
        return all.getFirst().toString();
    }

    /** They may import one another. */
    private static List<Path> scripts(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".js")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command that runs a script of Node with the newest release of OpenAI's SDK, and no others. */
    static synchronized List<String> newestNode(String script) {
        Path home = INSTALLED.resolve("node-newest");
        List<String> packages = List.of("openai@>=7");
        Installation.ensure(home, String.join("\n", packages), () -> npm(home, MODULE, packages));
        copy(SCRIPTS.resolve("node").resolve(script), home.resolve(script));
        return List.of("node", home.resolve(script).toString());
    }

    static Path python() {
        return SCRIPTS.resolve("python");
    }

    /** The command that runs a client's script with the client's packages, and no others. */
    static synchronized List<String> command(Client client) {
        Path home = INSTALLED.resolve(client.name());
        Path scripts = SCRIPTS.resolve("unchanged").resolve(client.language());
        Installation.ensure(home, String.join("\n", client.packages()), switch (client.language()) {
            case "python" -> () -> pip(home, client.packages());
            case "node" -> () -> npm(home, MODULE, client.packages());
            case "go" -> () -> get(home, scripts.resolve(client.script()), client.packages());
            default -> throw new IllegalArgumentException(client.language());
        });
        return switch (client.language()) {
            case "python" -> List.of(interpreter(home), scripts.resolve(client.script()).toString());
            case "node" -> {
                copy(scripts.resolve("contract.js"), home.resolve("contract.js"));
                copy(scripts.resolve(client.script()), home.resolve(client.script()));
                yield List.of("node", home.resolve(client.script()).toString());
            }
            default -> {
                copy(scripts.resolve(client.script()), home.resolve(client.script()));
                yield List.of("go", "run", "-C", home.toString(), ".");
            }
        };
    }

    private static String interpreter(Path home) {
        return home.resolve("bin/python").toString();
    }

    private static void pip(Path home, List<String> packages) throws IOException, InterruptedException {
        run(List.of("python3", "-m", "venv", "--clear"), List.of(home.toString()));
        run(List.of(interpreter(home), "-m", "pip", "install", "--quiet"), packages);
    }

    private static void npm(Path home, String module, List<String> packages) throws IOException, InterruptedException {
        Files.createDirectories(home);
        Files.writeString(home.resolve("package.json"), module);
        run(List.of("npm", "install", "--prefix", home.toString(), "--no-package-lock", "--no-audit", "--no-fund",
                "--silent"), packages);
    }

    private static void get(Path home, Path script, List<String> packages) throws IOException, InterruptedException {
        Files.createDirectories(home);
        copy(script, home.resolve(script.getFileName()));
        Files.writeString(home.resolve("go.mod"), "module client\n");
        run(List.of("go", "get", "-C", home.toString()), packages);
        run(List.of("go", "build", "-C", home.toString()), List.of());
    }

    private static void run(List<String> command, List<String> arguments) throws IOException, InterruptedException {
        Script.output(Stream.concat(command.stream(), arguments.stream()).toList(), Map.of());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In one step, since a test of another process may be running what is there. */
    private static void copy(Path from, Path to) {
        try {
            if (!Files.exists(to) || Files.mismatch(from, to) >= 0) {
                Path whole = Files.createTempFile(to.getParent(), "copy", ".tmp");
                Files.copy(from, whole, StandardCopyOption.REPLACE_EXISTING);
                Files.move(whole, to, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
