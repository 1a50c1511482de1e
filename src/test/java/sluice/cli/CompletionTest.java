package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CompletionTest {

    @Test
    void scriptKnowsEveryCommandAndIsValidBash() throws Exception {
        StringWriter out = new StringWriter();
        CommandLine line = Main.line().setOut(new PrintWriter(out, true));

        assertThat(line.execute("completion")).isZero();
        assertThat(out.toString()).contains(line.getSubcommands().keySet()).contains("--config", "litellm");

        Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var script = bash.outputWriter()) {
            script.write(out.toString());
        }
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
    }
}
