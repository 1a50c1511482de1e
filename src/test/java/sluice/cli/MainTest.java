package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import sluice.testing.CapturedLog;

class MainTest {

    @Command(name = "failing")
    private record Failing(Throwable failure) implements Callable<Integer> {

        @Override
        public Integer call() throws Exception {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        }
    }

    @Test
    void whatNoCommandExpectsIsLoggedAndEndsWithOne() {
        for (Throwable failure : new Throwable[]{new IllegalStateException("planted"),
                new StackOverflowError("planted"),
                new OutOfMemoryError("planted")}) {
            try (CapturedLog log = CapturedLog.open()) {
                assertThat(Main.run(new CommandLine(new Failing(failure)))).isEqualTo(1);
                assertThat(log.lines()).singleElement().asString()
                        .contains("an unexpected failure", failure.getClass().getName(), "planted");
            }
        }
    }

    @Test
    void gatewayAloneHasTheSameCommandLineAsAmongAllCommands() {
        StringWriter alone = new StringWriter();
        StringWriter among = new StringWriter();
        assertThat(Main.run(Main.serving().setErr(new PrintWriter(alone)), "--nope")).isEqualTo(2);
        assertThat(Main.run(Main.line().setErr(new PrintWriter(among)), "serve", "--nope")).isEqualTo(2);
        assertThat(alone).hasToString(among.toString()).asString().contains("Usage: sluice serve");
    }
}
