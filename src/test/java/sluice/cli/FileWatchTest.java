package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a change of a file. */
class FileWatchTest {
    @TempDir
    private Path folder = Path.of("");

    private final AtomicInteger changes = new AtomicInteger();
    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("sluice.yaml"), "first");
    }

    private FileWatch watch() {
        return new FileWatch(() -> List.of(file), changes::incrementAndGet);
    }

    private static void look(FileWatch watch, int times) {
        for (int i = 0; i < times; i++) {
            watch.look();
        }
    }

    @Test
    void changeIsToldOnceWhenTwoLooksHaveSeenTheSame() throws IOException {
        FileWatch watch = watch();
        look(watch, 3);
        assertThat(changes).hasValue(0);
        Files.writeString(file, "sec");
        watch.look();
        Files.writeString(file, "second");
        watch.look();
        assertThat(changes).as("still being written").hasValue(0);
        look(watch, 5);
        assertThat(changes).hasValue(1);
    }

    @Test
    void fileThatIsTouchedHasNotChanged() throws IOException {
        FileWatch watch = watch();
        Files.writeString(file, "first");
        look(watch, 3);
        assertThat(changes).hasValue(0);
    }

    @Test
    void fileThatIsRenamedOverAnotherHasChangedIt() throws IOException {
        FileWatch watch = watch();
        Files.move(Files.writeString(folder.resolve("new"), "second"), file, StandardCopyOption.ATOMIC_MOVE);
        look(watch, 2);
        assertThat(changes).hasValue(1);
    }

    /** As Kubernetes mounts a ConfigMap: the file is a link into {@code ..data}, which is a link that is swapped. */
    @Test
    void swapOfALinkedFolderIsAChange() throws IOException {
        Path first = Files.createDirectory(folder.resolve("..2026_1"));
        Path second = Files.createDirectory(folder.resolve("..2026_2"));
        Files.writeString(first.resolve("mounted.yaml"), "first");
        Files.writeString(second.resolve("mounted.yaml"), "second");
        Files.createSymbolicLink(folder.resolve("..data"), first);
        file = Files.createSymbolicLink(folder.resolve("mounted.yaml"), Path.of("..data", "mounted.yaml"));
        FileWatch watch = watch();

        Files.createSymbolicLink(folder.resolve("..data_tmp"), second);
        Files.move(folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        look(watch, 2);
        assertThat(changes).hasValue(1);
    }

    @Test
    void fileThatGoesAndComesBackTheSameHasNotChanged() throws IOException {
        FileWatch watch = watch();
        Files.delete(file);
        watch.look();
        Files.writeString(file, "first");
        look(watch, 3);
        assertThat(changes).hasValue(0);
    }

    /** A pipe is not waited for. */
    @Test
    void whatIsNoRegularFileCountsAsAbsent() throws Exception {
        FileWatch watch = watch();
        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
        look(watch, 3);
        assertThat(changes).hasValue(1);
        Files.delete(file);
        look(watch, 3);
        assertThat(changes).hasValue(1);
    }

    /** The next change is still reported. */
    @Test
    void failureOfWhoeverIsToldEndsNothing() {
        FileWatch watch = new FileWatch(() -> List.of(file), () -> {
            changes.incrementAndGet();
            throw new IllegalStateException("planted");
        });
        overwrite("second");
        watch.look();
        assertThatThrownBy(watch::look).hasMessage("planted");
        look(watch, 2);
        assertThat(changes).hasValue(1);
        overwrite("third");
        watch.look();
        assertThatThrownBy(watch::look).hasMessage("planted");
        assertThat(changes).hasValue(2);
    }

    @Test
    void changeDuringTheTellingIsNotMissed() {
        FileWatch watch = new FileWatch(() -> List.of(file), () -> {
            if (changes.incrementAndGet() == 1) {
                overwrite("third");
            }
        });
        overwrite("second");
        look(watch, 4);
        assertThat(changes).hasValue(2);
    }

    private void overwrite(String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
