package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import sluice.simulator.Faults;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;

class SimulateTest {
    private static Simulator.Settings settings(String... arguments) {
        return CommandLine.populateCommand(new Simulate(), arguments).settings();
    }

    @Test
    void defaultsAreOneAccountOnPort8081() {
        assertThat(settings()).isEqualTo(Simulator.Settings.defaults().withAddress("127.0.0.1", 8081)
                .withLatency(Duration.ofMillis(200)).withStreams(20, Duration.ofMillis(20)));
    }

    @Test
    void everyOptionIsHeard() {
        assertThat(settings("--host", "0.0.0.0", "--port=0", "--account", "a=sk-a:rpm=5", "--account=b=sk-b",
                "--latency", "2s", "--chunks", "7", "--chunk-interval", "0", "--error-rate", "0.1", "--error-status",
                "500", "--cut-rate", "0.2", "--seed", "9", "--start-empty", "--shared=false"))
                .isEqualTo(Simulator.Settings.defaults().withAddress("0.0.0.0", 0)
                        .withAccounts(SimulatedAccount.parse("a=sk-a:rpm=5,shared=false,start-empty=true"),
                                SimulatedAccount.parse("b=sk-b:shared=false,start-empty=true"))
                        .withLatency(Duration.ofSeconds(2)).withStreams(7, Duration.ZERO).withSeed(9)
                        .withFaults(Faults.none().withErrors(0.1, 500).withCuts(0.2, 3)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port=x", "--port=70000", "--account=sk-secret", "--account=a=sk-secret:rpm=0",
            "--latency=fast", "--latency=99999m", "--chunks=0", "--error-rate=2", "--error-status=200",
            "--cut-rate=-1", "--bogus"})
    void badValuesEndWithStatus2AndAMessageWithoutKeys(String argument) {
        StringWriter messages = new StringWriter();
        int status = new CommandLine(new Simulate()).setErr(new PrintWriter(messages)).execute(argument);
        assertThat(status).isEqualTo(2);
        assertThat(messages.toString()).isNotBlank().doesNotContain("secret");
    }
}
