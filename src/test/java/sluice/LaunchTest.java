package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What java -jar starts, by an old Java as well. */
class LaunchTest {
    private static final int JAVA_8 = 52;

    private static String run(String... arguments) throws IOException, InterruptedException {
        return started(System.getProperty("java.class.path"), arguments);
    }

    private static String started(String classes, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 3];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        command[1] = "-cp";
        command[2] = classes;
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + said;
    }

    @Test
    void anyJavaCanLoadIt() throws IOException {
        try (InputStream bytes = Objects.requireNonNull(Launch.class.getResourceAsStream("Launch.class"));
                DataInputStream file = new DataInputStream(bytes)) {
            assertThat(file.readInt()).isEqualTo(0xCAFEBABE);
            file.readUnsignedShort();
            assertThat(file.readUnsignedShort()).isEqualTo(JAVA_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.8", "11", "24"})
    void oldJavaIsToldSoInOneLine(String version) {
        assertThat(Launch.refusal(version)).startsWith("Sluice needs Java 25; this is Java ").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"25", "26"})
    void newJavaIsTaken(String version) {
        assertThat(Launch.refusal(version)).isNull();
    }

    @Test
    void jarWithoutItsLibrariesSaysSoInOneLine() throws Exception {
        assertThat(started(Path.of("target", "classes").toString(), "sluice.Launch", "--version"))
                .startsWith("2 Sluice's libraries are missing").contains("the folder lib").hasLineCount(1);
    }

    @Test
    void argumentsReachTheCommandLine() throws Exception {
        assertThat(run("sluice.Launch", "--version")).startsWith("0 sluice ");
    }
}
