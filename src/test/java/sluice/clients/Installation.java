package sluice.clients;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Installs packages of other languages in a folder when they are first wanted, and keeps them there. Where that cannot be
 * done, because the language is missing or the packages cannot be had, the test is skipped and says why; with
 * {@code CI=true} in the environment it fails.
 */
@FunctionalInterface
interface Installation {
    void run() throws IOException, InterruptedException;

    /** Installs unless the same was installed before; the mark of that is a note of what was wanted. */
    static void ensure(Path home, String wanted, Installation installation) {
        Path mark = home.resolve("installed");
        // Several processes run tests: one installs, and the others wait for it.
        try (FileChannel lock = lock(home); FileLock _ = lock.lock()) {
            if (Files.exists(mark) && Files.readString(mark).equals(wanted)) {
                return;
            }
            installation.run();
            Files.writeString(mark, wanted);
        } catch (IOException | InterruptedException | AssertionError failure) {
            String reason = "no SDKs of " + home.getFileName() + " on this machine: " + failure.getMessage();
            if ("true".equals(System.getenv("CI"))) {
                fail(reason, failure);
            }
            System.out.println("Skipped: " + reason);
            abort(reason);
        }
    }

    private static FileChannel lock(Path home) throws IOException {
        Files.createDirectories(home.toAbsolutePath().getParent());
        return FileChannel.open(home.resolveSibling(home.getFileName() + ".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
    }
}
