import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Starts programs, each on a core of its own. */
final class Shell {
    /** Where the gateway runs. */
    static final String GATEWAY = "0";
    /** Where everything else runs. */
    static final String REST = "1";

    private Shell() {}

    /** A server on a core ("0,1" for any), with its output in a file. */
    static Process start(String core, Path log, List<String> command) {
        try {
            Process process = new ProcessBuilder(Stream.concat(Stream.of("taskset", "-c", core), command.stream())
                    .toList()).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A load generator, whose output is read as it comes. */
    static Process load(String... command) {
        try {
            Process process = new ProcessBuilder(Stream.concat(Stream.of("taskset", "-c", REST), Stream.of(command))
                    .toList()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that a program says until it ends. */
    static String output(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All threads of a process move to a core. */
    static void pin(Process process, String core) {
        output(List.of("taskset", "-acp", core, Long.toString(process.pid())));
    }

    static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
