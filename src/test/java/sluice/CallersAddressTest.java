package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.TestGateway;

/** Where calls come from, behind proxies and without; and tenants that may call from certain networks only. */
@Timeout(60)
class CallersAddressTest {
    @RegisterExtension
    private final TestGateway gateway = new TestGateway();

    private HttpResponse<String> call(String... forwarded) {
        HttpRequest.Builder request = gateway.request("/chat/completions", gateway.key("BOT"))
                .POST(BodyPublishers
                        .ofString("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
        List.of(forwarded).forEach(line -> request.header("x-forwarded-for", line));
        return gateway.send(request);
    }

    private static String from(String networks) {
        return "tenants: [{ name: bot, keys: [\"${BOT}\"], from: [" + networks + "] }]";
    }

    private String logged(int calls) {
        return gateway.log().calls(calls).getLast().getString("client");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"203.0.113.9 | 203.0.113.9", "203.0.113.9, 10.1.2.3 | 203.0.113.9",
            "198.51.100.1, 203.0.113.9, 10.1.2.3, 127.0.0.1 | 203.0.113.9", "203.0.113.9:4711 | 203.0.113.9",
            "2001:db8::7 | 2001:db8:0:0:0:0:0:7", "[2001:db8::7]:4711 | 2001:db8:0:0:0:0:0:7",
            "::ffff:203.0.113.9 | 203.0.113.9", "198.51.100.1, ::ffff:10.1.2.3 | 198.51.100.1",
            "198.51.100.1, unknown | 127.0.0.1", "198.51.100.1, unknown, 10.1.2.3 | 10.1.2.3", "10.1.2.3 | 10.1.2.3",
            "'' | 127.0.0.1", "203.0.113.9, | 127.0.0.1", "1 | 127.0.0.1"})
    void lastHopThatIsNoTrustedProxyIsTheCaller(String forwarded, String caller) {
        gateway.listening("trusted-proxies: [127.0.0.1, 10.0.0.0/8]").start(from("0.0.0.0/0, '::/0'"));
        assertThat(call(forwarded).statusCode()).isEqualTo(200);
        assertThat(logged(1)).isEqualTo(caller);
    }

    @Test
    void severalLinesAreOneList() {
        gateway.listening("trusted-proxies: [127.0.0.1, 10.0.0.0/8]").start(from("203.0.113.0/24"));
        assertThat(call("198.51.100.1", "203.0.113.9", "10.1.2.3").statusCode()).isEqualTo(200);
        assertThat(logged(1)).isEqualTo("203.0.113.9");
    }

    @Test
    void nobodyElseTellsOfOtherAddresses() {
        gateway.listening("trusted-proxies: [10.0.0.0/8]").start(from("203.0.113.0/24"));
        HttpResponse<String> answer = call("203.0.113.9");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(logged(1)).isEqualTo("127.0.0.1");
    }

    @Test
    void tenantMayCallFromItsNetworksOnly() {
        gateway.listening("trusted-proxies: [127.0.0.1]").start(from("10.0.0.0/8, '2001:db8:1::/48', 192.0.2.1"));
        for (String inside : List.of("10.255.0.1", "::ffff:10.0.0.1", "2001:db8:1:ffff::1", "192.0.2.1")) {
            assertThat(call(inside).statusCode()).as(inside).isEqualTo(200);
        }
        for (String outside : List.of("11.0.0.1", "2001:db8:2::1", "192.0.2.2", "::ffff:192.0.2.2")) {
            HttpResponse<String> answer = call(outside);
            assertThat(answer.statusCode()).as(outside).isEqualTo(401);
            JsonObject error = new JsonObject(answer.body()).getJsonObject("error");
            assertThat(error.getString("code")).isEqualTo("ip_not_authorized");
            assertThat(error.getString("message")).contains("'from'");
        }
        assertThat(gateway.log().calls(8).getLast().getString("tenant")).as("in the log").isEqualTo("bot");
        assertThat(gateway.upstream().lastRequests()).noneMatch(
                request -> request.headers().contains("x-forwarded-for"));
    }

    @Test
    void addressOfTheConnectionCountsWithoutProxies() {
        gateway.start(from("127.0.0.0/8"));
        assertThat(call().statusCode()).isEqualTo(200);
        gateway.reload(from("10.0.0.0/8")).toCompletionStage().toCompletableFuture().join();
        assertThat(call().statusCode()).isEqualTo(401);
        gateway.reload("""
                plans: { inside: { from: [127.0.0.1] } }
                tenants: [{ name: bot, plan: inside, keys: ["${BOT}"] }]
                """).toCompletionStage().toCompletableFuture().join();
        assertThat(call().statusCode()).as("by its plan").isEqualTo(200);
    }
}
