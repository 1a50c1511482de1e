package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.tenancy.KeyDigest;
import sluice.testing.TestGateway;

/** Every route with every role, and with none. */
@Timeout(120)
class AdminRolesTest {
    private static final Map<String, Role> ROLES = Map.of("VIEWER", new Role.Viewer(), "OPERATOR", new Role.Operator(),
            "BOT_TEAM", new Role.OfTenant("bot"), "RIVALS", new Role.OfTenant("rival"), "ADMIN",
            new Role.Operator());

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    @BeforeEach
    void start() {
        gateway.administered("tokens: [" + String.join(", ",
                ROLES.keySet().stream().filter(name -> !name.equals("ADMIN"))
                        .map(name -> "{ name: %s, role: \"%s\", sha256: \"%s\" }".formatted(
                                name.toLowerCase(Locale.ROOT).replace('_', '-'),
                                ROLES.get(name), KeyDigest.of(gateway.key(name)).hex()))
                        .toList())
                + "]").start("""
                        tenants: [{ name: bot, keys: ["${BOT}"] }, { name: rival, keys: ["${RIVAL}"] }]
                        """);
    }

    private HttpResponse<String> call(AdminRoute route, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway.adminUrl() + path(route)))
                .method(route.method(), BodyPublishers.noBody());
        return gateway.send(token.isEmpty() ? request : request.header("authorization", "Bearer " + token));
    }

    private String path(AdminRoute route) {
        return JudgedRoles.path(route, "bot", gateway.key("BOT"));
    }

    @Test
    void everyRoleMayCallWhatTheTableSaysAndNothingElse() {
        ROLES.forEach((name, role) -> assertThat(JudgedRoles.wrong(role, "bot", gateway.key("BOT"),
                (route, path) -> call(route, gateway.key(name)))).as(name).isEmpty());
    }

    @Test
    void nobodyMayCallAnythingWithoutAToken() {
        for (AdminRoute route : AdminRoute.values()) {
            for (String token : List.of("", "wrong-wrong-wrong-wrong", gateway.key("BOT"))) {
                HttpResponse<String> answer = call(route, token);
                assertThat(answer.statusCode()).as(route.name()).isEqualTo(401);
                AdminContract.holds(route, answer);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyMethod")
    void otherMethodsAreRefusedByName(AdminRoute route, String method) {
        HttpResponse<String> answer = gateway.send(HttpRequest.newBuilder(URI.create(gateway.adminUrl() + path(route)))
                .header("authorization", "Bearer " + gateway.key("ADMIN")).method(method, BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).contains(route.allow());
    }

    static Stream<Arguments> everyMethod() {
        return Stream.of(AdminRoute.USAGE, AdminRoute.REVOKE_KEY)
                .flatMap(route -> Stream.of("PUT", "OPTIONS").map(method -> Arguments.of(route, method)));
    }

    @Test
    void whatIsNotThereIsToldWhatIs() {
        HttpResponse<String> answer = gateway.admin("/admin/v1/nothing", "authorization",
                "Bearer " + gateway.key("VIEWER"));
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("openapi.yaml", "\"code\":\"unknown_url\"");
    }

    @ParameterizedTest
    @EnumSource
    void aParameterThatTheContractDoesNotNameIsRefused(AdminRoute route) {
        HttpResponse<String> answer = gateway.send(HttpRequest
                .newBuilder(URI.create(gateway.adminUrl() + path(route) + "?nonsense=3"))
                .header("authorization", "Bearer " + gateway.key("ADMIN"))
                .method(route.method(), BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"param\":\"nonsense\"");
        AdminContract.holds(route, answer);
        Set<String> told = Arrays.stream(new JsonObject(answer.body()).getJsonObject("error").getString("message")
                .replaceFirst(".*(?:Known: |only )", "").replaceFirst("[.]$", "").split(", ", -1))
                .filter(name -> !name.equals("none")).collect(Collectors.toCollection(TreeSet::new));
        assertThat(told).as("what the code knows").isEqualTo(AdminContract.parameters(route, "query"));
    }
}
