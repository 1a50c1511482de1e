package sluice.clients;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A script of another language, run as a process. */
final class Script {
    private static final long PATIENCE_SECONDS = 60;

    private Script() {}

    /** Runs a scenario; every line that the script prints is JSON. */
    static Session session(List<String> command, Call call) {
        return session(command, call, Map.of());
    }

    /** Runs it with more in its environment. */
    static Session session(List<String> command, Call call, Map<String, String> environment) {
        List<String> whole = new ArrayList<>(command);
        whole.add(call.json().encode());
        return Session
                .of((say, released) -> run(whole, environment, line -> say.accept(new JsonObject(line)), released));
    }

    /** Runs a scenario that the command itself defines, and that waits for no release. */
    static Session session(List<String> command, Map<String, String> environment) {
        return Session.of((say, _) -> run(command, environment, line -> say.accept(new JsonObject(line)),
                new CountDownLatch(0)));
    }

    /** Runs a command to its end; returns what it prints. */
    static String output(List<String> command, Map<String, String> environment) throws IOException,
            InterruptedException {
        StringBuilder out = new StringBuilder();
        run(command, environment, line -> out.append(line).append('\n'), new CountDownLatch(0));
        return out.toString();
    }

    private static void run(List<String> command, Map<String, String> environment, Consumer<String> line,
            CountDownLatch released) throws IOException, InterruptedException {
        Path complaints = Files.createTempFile("script", ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(complaints.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("OPENAI_"));
        builder.environment().put("NO_PROXY", "127.0.0.1");
        builder.environment().putAll(environment);
        Process process = builder.start();
        Thread.ofVirtual().start(() -> release(process, released));
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            reader.lines().forEach(line);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(command.getFirst() + " failed: " + Files.readString(complaints));
            }
        } finally {
            process.destroyForcibly();
            Files.delete(complaints);
        }
    }

    /** A script that waits reads its input to the end. */
    private static void release(Process process, CountDownLatch released) {
        try {
            if (!released.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            process.getOutputStream().close();
        } catch (IOException | InterruptedException gone) {
            process.destroyForcibly();
        }
    }
}
