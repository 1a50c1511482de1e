package sluice.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records on disk: nothing is lost but what a killed process was just writing, and all come in order. */
class SpoolTest {
    private static final long LARGE = 64L << 20;

    @TempDir
    private Path folder = Path.of("");

    private static List<CallRecord> calls(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> Records.call("id-" + i)).toList();
    }

    private static List<CallRecord> drain(Spool spool) throws IOException {
        List<CallRecord> all = new ArrayList<>();
        while (!spool.isEmpty()) {
            all.addAll(spool.oldest());
            spool.removeOldest();
        }
        return all;
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".calls")).sorted().toList();
        }
    }

    @Test
    void whatWasAddedComesBackInOrderWhoeverReadsIt() throws IOException {
        try (Spool spool = new Spool(folder, LARGE)) {
            assertThat(spool.add(calls(0, 5))).isTrue();
            assertThat(spool.add(calls(5, 9))).isTrue();
            assertThat(spool.records()).isEqualTo(9);
        }
        try (Spool spool = new Spool(folder, LARGE)) {
            spool.takeUp();
            assertThat(spool.records()).isEqualTo(9);
            assertThat(spool.add(calls(9, 12))).isTrue();
            assertThat(drain(spool)).isEqualTo(calls(0, 12));
            assertThat(spool.bytes()).isZero();
        }
        assertThat(segments()).isEmpty();
    }

    @Test
    void everyFieldComesBack() throws IOException {
        List<CallRecord> whole = List.of(Records.whole(), Records.call("plain"));
        try (Spool spool = new Spool(folder, LARGE)) {
            spool.add(whole);
            assertThat(drain(spool)).isEqualTo(whole);
        }
    }

    @Test
    void tornLineIsSkippedAndCounted() throws IOException {
        try (Spool spool = new Spool(folder, LARGE)) {
            spool.add(calls(0, 3));
        }
        Path file = segments().getFirst();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 7));
        try (Spool spool = new Spool(folder, LARGE)) {
            spool.takeUp();
            assertThat(spool.records()).isEqualTo(2);
            assertThat(spool.torn()).isEqualTo(1);
            assertThat(drain(spool)).isEqualTo(calls(0, 2));
        }
    }

    @Test
    void damagedLineIsSkippedAndCounted() throws IOException {
        try (Spool spool = new Spool(folder, LARGE)) {
            spool.add(calls(0, 3));
        }
        Path file = segments().getFirst();
        byte[] bytes = Files.readAllBytes(file);
        bytes[20] ^= 1;
        Files.write(file, bytes);
        Files.writeString(file, "\nnonsense\n", StandardOpenOption.APPEND);
        try (Spool spool = new Spool(folder, LARGE)) {
            spool.takeUp();
            assertThat(spool.torn()).isEqualTo(3);
            assertThat(drain(spool)).isEqualTo(calls(1, 3));
        }
    }

    @Test
    void takesNoMoreThanItMay() throws IOException {
        try (Spool spool = new Spool(folder, 10_000)) {
            int taken = 0;
            while (spool.add(calls(taken, taken + 1))) {
                taken++;
            }
            assertThat(taken).isPositive();
            assertThat(spool.bytes()).isBetween(9_000L, 10_000L);
            assertThat(segments()).hasSizeGreaterThan(2);
            spool.oldest();
            spool.removeOldest();
            assertThat(spool.add(calls(0, 1))).isTrue();
        }
    }

    @Test
    void folderOfAnotherIsLeftAlone() throws IOException {
        try (Spool second = new Spool(folder, LARGE)) {
            try (Spool first = new Spool(folder, LARGE)) {
                first.add(calls(0, 1));
                assertThatThrownBy(second::takeUp).isInstanceOf(IOException.class)
                        .hasMessage("another gateway uses it");
            }
            second.takeUp();
            assertThat(drain(second)).isEqualTo(calls(0, 1));
        }
    }

    @Test
    void folderIsMadeWhenItIsNeeded() throws IOException {
        Path inner = folder.resolve("a/b");
        try (Spool spool = new Spool(inner, LARGE)) {
            spool.takeUp();
            assertThat(inner).doesNotExist();
            spool.add(calls(0, 1));
            assertThat(inner).isDirectory();
        }
    }
}
