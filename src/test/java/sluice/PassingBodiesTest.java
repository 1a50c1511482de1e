package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.TestGateway;

/** Bodies that pass as they come, and answers of what is stored. */
@Timeout(60)
class PassingBodiesTest {
    @RegisterExtension
    private final TestGateway gateway = new TestGateway();

    @BeforeEach
    void start() {
        gateway.start(
                "tenants: [{ name: bot, rpm: 100, keys: ['${BOT}'], endpoints: [inference, files, stored-objects] }]");
    }

    @Test
    void answerThatComesBeforeTheBodyIsReadReachesItsCaller() {
        HttpResponse<String> answer = gateway.send(gateway.request("/files", gateway.key("BOT"))
                .header("x-simulator-early-status", "404").POST(BodyPublishers.ofByteArray(new byte[8 << 20])));
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("error");

        assertThat(gateway.send(gateway.request("/files", gateway.key("BOT")).GET()).statusCode()).isEqualTo(200);
    }

    @Test
    void storedResponseIsStreamedOnceMoreAndNotChargedAgain() {
        JsonObject ask = new JsonObject().put("model", "gpt-4o").put("input", "Say hello").put("background", true)
                .put("stream", true);
        HttpResponse<String> first = gateway.post("/responses", "BOT", ask);
        assertThat(first.body()).contains("event: response.completed");
        String id = first.body().replaceAll("(?s).*?\"id\":\"(resp_[^\"]+)\".*", "$1");
        String before = tokens();

        HttpResponse<String> again = gateway.send(
                gateway.request("/responses/" + id + "?stream=true&starting_after=0", gateway.key("BOT")).GET());
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        assertThat(again.body()).contains("event: response.completed");
        assertThat(tokens()).isEqualTo(before).isNotEmpty();
    }

    private String tokens() {
        return gateway.metrics().lines().filter(line -> line.startsWith("sluice_tokens_total")).sorted()
                .reduce("", (all, line) -> all + line + '\n');
    }
}
