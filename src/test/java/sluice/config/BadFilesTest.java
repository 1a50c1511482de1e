package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.yaml.InvalidConfig;
import sluice.yaml.Problem;

/** One file per mistake; its first lines give the expected message: {@code # expect: path: value (…)}. */
class BadFilesTest {
    private static final Path FOLDER = Path.of("src/test/resources/config/bad");
    private static final String EXPECT = "# expect: ";

    static List<Path> badFiles() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void isToldExactlyWhatIsWrong(Path file) {
        List<String> expected = Configs.text(file).lines().filter(line -> line.startsWith(EXPECT))
                .map(line -> line.substring(EXPECT.length())).toList();

        assertThat(problemsOf(file).stream().map(Problem::toString)).containsExactlyElementsOf(expected);
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void isToldWithoutSecrets(Path file) {
        assertThat(problemsOf(file).toString()).doesNotContain("sk-", "tiny-secret", "hush", "wrong-place");
    }

    @Test
    void missingFolderOfFilesWouldBeNoticed() throws IOException {
        assertThat(badFiles()).hasSizeGreaterThan(20);
    }

    private static List<Problem> problemsOf(Path file) {
        InvalidConfig invalid = catchThrowableOfType(InvalidConfig.class,
                () -> ConfigReader.read(file, Configs.environment()));
        assertThat(invalid).isNotNull();
        return invalid.problems();
    }
}
