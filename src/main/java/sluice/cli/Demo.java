package sluice.cli;

import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.price.Prices;
import sluice.simulator.Simulator;
import sluice.tenancy.KeyText;
import sluice.time.Time;

/** {@code sluice demo}: a gateway in front of a simulated OpenAI, ready for a first request. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Runs a gateway in front of a simulated OpenAI, with a ready key. Costs nothing.")
final class Demo implements Callable<Integer> {
    /** Models of OpenAI's that the price list lacks. */
    private static final List<String> WITHOUT_PRICE = List.of("dall-e-", "sora-", "text-moderation-");

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080", description = "Port of the gateway, 0 for a free one (${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--admin-port", paramLabel = "PORT", defaultValue = "9090", description = "Port of its console and metrics, 0 for a free one (${DEFAULT-VALUE}).")
    private int adminPort;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        String key = KeyText.random().reveal();
        try {
            ScratchFolder scratch = ScratchFolder.create("sluice-demo");
            Gateway gateway = start(scratch, key);
            out.println(instructions(gateway, key));
            out.flush();
            GatewayRun.untilStopped(gateway, scratch::delete);
            return 0;
        } catch (InterruptedException stopped) {
            throw stopped;
        } catch (Exception failure) {
            spec.commandLine().getErr().println("The demo could not start: " + failure.getMessage()
                    + " (--port and --admin-port choose other ports, 0 a free one)");
            return ExitCode.SOFTWARE;
        }
    }

    private Gateway start(ScratchFolder scratch, String key) throws Exception {
        try {
            Simulator simulator = Simulator.start(Vertx.vertx(), simulated(), Time.system()).await();
            return Gateway.start(config(simulator.port(), scratch.path(), key), Time.system()).await();
        } catch (Exception failure) {
            scratch.delete();
            throw failure;
        }
    }

    /** What stands in for OpenAI, down to the 404 for a misspelt model. */
    static Simulator.Settings simulated() {
        return Simulator.Settings.defaults().withModels(Demo::exists);
    }

    private static boolean exists(String model) {
        return Prices.listed().has(model) || WITHOUT_PRICE.stream().anyMatch(model::startsWith);
    }

    /** @param scratch holds its ledger, so that no simulated call reaches one that is kept */
    private GatewayConfig config(int simulatorPort, Path scratch, String key) throws InvalidConfig {
        String yaml = """
                listen: { host: 127.0.0.1, port: %1$d, max-connections: 500 }
                admin: { host: 127.0.0.1, port: %2$d }
                upstream:
                  base-url: http://127.0.0.1:%3$d/v1
                  accounts: [{ name: simulator, tier: paid, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                tenants: [{ name: demo, plan: free, keys: ["${DEMO_KEY}"] }]
                ledger: { url: "sqlite:%4$s/sluice.db", spool: { dir: "%4$s/spool" } }
                drain: { delay: 1ms, grace: 5s }
                """.formatted(port, adminPort, simulatorPort, scratch);
        return ConfigReader.parse(yaml, Map.of("UPSTREAM_KEY", "sk-simulator", "DEMO_KEY", key)::get);
    }

    private static String instructions(Gateway gateway, String key) {
        return """

                Sluice is listening, in front of a simulated OpenAI; nothing leaves this machine. Ctrl-C stops it.

                  curl http://127.0.0.1:%1$d/v1/chat/completions \\
                    -H 'Authorization: Bearer %2$s' -H 'Content-Type: application/json' \\
                    -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello"}]}' -i

                Repeat it, and the answer comes from the cache (x-sluice-cache: HIT). For an SDK:

                  export OPENAI_BASE_URL=http://127.0.0.1:%1$d/v1 OPENAI_API_KEY=%2$s
                  export OPENAI_API_BASE=http://127.0.0.1:%1$d/v1    # openai 0.x for Python

                Console: %4$s
                Metrics: http://127.0.0.1:%3$d/metrics
                """.formatted(gateway.port(), key, gateway.adminPort(), gateway.console());
    }
}
