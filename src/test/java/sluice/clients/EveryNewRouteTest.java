package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.testing.TestGateway;

/**
 * Every route that came with agents, decisions and live sessions is called through the gateway by both SDKs, which read
 * its answer. Both have a method for each of them, so none is left out but what {@link #NOT_CALLED} explains.
 */
@Timeout(120)
class EveryNewRouteTest {
    private static final Path ROUTES = Path.of("src/test/resources/openai/new-routes.txt");
    /** Node's SDK translates over TLS only, and the gateway of the test speaks none; Python's SDK calls it. */
    private static final Map<Sdk, Set<String>> NOT_CALLED = Map.of(Sdk.PYTHON, Set.of(), Sdk.NODE,
            Set.of("WEBSOCKET /realtime/translations"));

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @ParameterizedTest
    @EnumSource(names = {"PYTHON", "NODE"})
    void everyNewRouteIsCalledAndItsAnswerIsRead(Sdk sdk) throws Exception {
        Set<String> routes = newRoutes();
        assertThat(SdkSurfaceTest.surface(sdk, false).routes()).as("routes for which the SDK has methods")
                .containsAll(routes);
        gateway.start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"],
                            endpoints: ["*", agents, admin, realtime-direct] }]
                """);

        Session session = sdk.startNewRoutes(Call.of("all", gateway, "BOT"));
        JsonObject seen = session.next();
        session.end();

        assertThat(seen.getJsonArray("deleted")).hasSameSizeAs(deletions(routes));
        Set<String> notCalled = new TreeSet<>(routes);
        notCalled.removeAll(gateway.upstream().routes());
        assertThat(notCalled).as("new routes that %s did not call, or that were not answered", sdk)
                .isEqualTo(NOT_CALLED.get(sdk));
        assertThat(gateway.log().calls()).extracting(call -> call.getString("endpoint")).doesNotContain("other");
    }

    private static Set<String> newRoutes() throws IOException {
        return Files.readAllLines(ROUTES).stream().filter(line -> !line.startsWith("#")).collect(Collectors.toSet());
    }

    /** A deleted key of another cloud is answered with the key itself. */
    private static Set<String> deletions(Set<String> routes) {
        return routes.stream().filter(route -> route.startsWith("DELETE ") && !route.contains("external_keys"))
                .collect(Collectors.toSet());
    }
}
