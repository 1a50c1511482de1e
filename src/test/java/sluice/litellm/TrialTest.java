package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.account.AccountEntry;
import sluice.config.GatewayConfig;
import sluice.simulator.SimulatedAccount;

class TrialTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void trialNeedsNothingOfProduction() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o").file() + """
                  - model_name: azure
                    litellm_params: { model: azure/prod, api_base: "https://a.openai.azure.com", api_key: os.environ/A }
                litellm_settings: { cache: true, cache_params: { type: redis, host: redis.internal } }
                general_settings: { master_key: os.environ/MASTER }
                """).onTrial("http://127.0.0.1:8081/v1");

        GatewayConfig config = moved.config(folder);
        assertThat(config.accounts()).extracting(AccountEntry::account).allSatisfy(
                account -> assertThat(account.baseUrl()).hasToString("http://127.0.0.1:8081/v1"));
        assertThat(config.redis()).isEmpty();
        assertThat(config.secondTier().redis()).isEmpty();
        assertThat(moved.converted().yaml()).doesNotContain("${");
        assertThat(moved.at("listen")).hasToString("{host=127.0.0.1, port=8080}");
        assertThat(moved.at("admin")).hasToString("{host=127.0.0.1, port=9090}");
        assertThat(moved.converted().notes().getFirst()).contains("127.0.0.1:8080", "127.0.0.1:9090");
    }

    @Test
    void portsOfTheTrialAreThoseAskedFor() throws Exception {
        Moved moved = Moved.serving("gpt-4o").onTrial("http://127.0.0.1:7081/v1", 7080, 7090);

        assertThat(moved.at("listen")).hasToString("{host=127.0.0.1, port=7080}");
        assertThat(moved.at("admin")).hasToString("{host=127.0.0.1, port=7090}");
        assertThat(moved.converted().notes().getFirst()).contains("127.0.0.1:7080", "127.0.0.1:7090");
        assertThat(moved.converted().notes().getLast()).contains("simulate --port 7081 ");
    }

    @Test
    void commandOfTheStandInIsPrinted() throws Exception {
        Moved moved = Moved.serving("gpt-4o").onTrial("http://127.0.0.1:8081/v1");

        String command = moved.converted().notes().getLast();
        assertThat(command).contains("simulate --port 8081 --account openai=sk-trial-openai:rpm=100");
        assertThat(SimulatedAccount.parse(command.replaceFirst(".*--account ", "")).keys())
                .containsExactly("sk-trial-openai");
        assertThat(moved.account("openai").get("keys")).hasToString("[sk-trial-openai]");
        assertThat(new Moved("""
                model_list:
                  - { model_name: a, litellm_params: { model: openai/a, api_key: os.environ/K, rpm: 5, tpm: 900 } }
                """).onTrial("http://127.0.0.1:8081/v1").converted().notes().getLast()).endsWith(":rpm=5,tpm=900");
    }
}
