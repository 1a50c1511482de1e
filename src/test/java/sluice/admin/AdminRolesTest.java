package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
        return route.path().replace("{id}", KeyDigest.of(gateway.key("BOT")).id()).replace("{name}", "bot");
    }

    @Test
    void everyRoleMayCallWhatTheTableSaysAndNothingElse() {
        List<String> wrong = new ArrayList<>();
        for (AdminRoute route : AdminRoute.values()) {
            ROLES.forEach((name, role) -> {
                HttpResponse<String> answer = call(route, gateway.key(name));
                AdminContract.holds(route, answer);
                if (!isRight(route, role, answer.statusCode())) {
                    wrong.add(name + " " + route + ": " + answer.statusCode() + " " + answer.body());
                }
            });
        }
        assertThat(wrong).isEmpty();
    }

    /** What a role may not do is refused; of a tenant of others a team learns nothing. */
    private static boolean isRight(AdminRoute route, Role role, int status) {
        if (!route.allows(role)) {
            return status == 403;
        }
        boolean ofOthers = role instanceof Role.OfTenant(var own) && !own.equals("bot") && route.path().contains("{");
        return ofOthers ? status == 404 : status < 500 && !Set.of(401, 403, 404, 405).contains(status);
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
    }

}
