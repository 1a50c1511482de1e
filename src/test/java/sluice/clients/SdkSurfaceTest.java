package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.openai.Endpoint;
import sluice.openai.Route;

/**
 * New routes of the API are noticed: the official SDKs know none that {@link Endpoint} would pass on unread. Their
 * releases are those that the other tests pin; with {@code -Dsluice.sdks=newest} they are the newest ones, so that a job
 * can ask from time to time.
 */
@Timeout(300)
class SdkSurfaceTest {

    /** What a release of an SDK knows; each route is its method, a space, and its path. */
    record Surface(String version, List<String> routes) {}

    @ParameterizedTest
    @EnumSource(names = {"PYTHON", "NODE"})
    void everyRouteThatAnSdkKnowsIsInTheTables(Sdk sdk) throws Exception {
        Surface surface = surface(sdk);
        assertThat(surface.routes()).as("a script that finds nothing proves nothing").hasSizeGreaterThan(380);

        assertThat(surface.routes().stream().filter(route -> !isServed(route)))
                .as("new routes in openai %s for %s, which need rows in Endpoint", surface.version(), sdk)
                .isEmpty();
        Set<String> described = described();
        assertThat(surface.routes().stream().filter(route -> !isSocket(route) && !described.contains(route)))
                .as("new routes in openai %s for %s, which an open row of Endpoint serves: look whether its class and "
                        + "what it reads are right, then add them to routes.tsv", surface.version(), sdk)
                .isEmpty();
    }

    private static boolean isServed(String route) {
        int space = route.indexOf(' ');
        String method = isSocket(route) ? "GET" : route.substring(0, space);
        String path = "/v1" + route.substring(space + 1).replace("{}", "some-id");
        return Route.of(method, path, isSocket(route)) instanceof Route.Known known
                && known.endpoint() != Endpoint.OTHER;
    }

    private static boolean isSocket(String route) {
        return route.startsWith(Endpoint.WEBSOCKET + " ");
    }

    private static Set<String> described() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/openai/routes.tsv")).stream()
                .filter(line -> !line.startsWith("#")).map(line -> line.split("\t", -1))
                .map(fields -> fields[0] + " " + fields[1].replaceAll("\\{[a-z_]+}", "{}"))
                .collect(Collectors.toSet());
    }

    private static Surface surface(Sdk sdk) throws Exception {
        return surface(sdk, "newest".equals(System.getProperty("sluice.sdks")));
    }

    /** What the pinned release of an SDK knows, or the newest one. */
    static Surface surface(Sdk sdk, boolean newest) throws Exception {
        JsonObject said = new JsonObject(Script.output(sdk.surface(newest), Map.of()));
        return new Surface(said.getString("version"),
                said.getJsonArray("routes").stream().map(String.class::cast).toList());
    }
}
