package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @CsvSource(textBlock = """
            serve --config sluice.yaml,   true
            serve --config dir/-@.yaml,   true
            serve,                        false
            serve --config,               false
            serve --config=sluice.yaml,   false
            serve --config --help,        false
            serve --config @arguments,    false
            serve --config a.yaml --help, false
            check --config sluice.yaml,   false
            --version serve --config,     false
            """)
    void onlyTheUsualStartOfAGatewayGoesWithoutTheParser(String line, boolean plain) {
        assertThat(Main.isPlainServe(line.split(" "))).isEqualTo(plain);
    }
}
