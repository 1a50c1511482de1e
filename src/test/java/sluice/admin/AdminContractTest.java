package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.openai.StoredRoute;

/** {@code openapi.yaml} and the table of routes say the same. */
class AdminContractTest {

    @Test
    void namesEveryRouteAndNoOther() {
        Set<String> known = Arrays.stream(AdminRoute.values()).map(route -> route.method() + " " + route.path())
                .collect(Collectors.toCollection(TreeSet::new));
        known.addAll(Set.of("GET " + Login.PATH, "GET " + Login.CALLBACK, "POST " + Login.LOGOUT));
        assertThat(AdminContract.routes()).isEqualTo(known);
    }

    @Test
    void settingsOfATenantAreThoseOfTheConfiguration() throws IOException {
        JsonObject file = new JsonObject(Files.readString(Path.of("config/sluice.schema.json")))
                .getJsonObject("properties").getJsonObject("tenants").getJsonObject("items")
                .getJsonObject("properties");
        Set<String> keys = new TreeSet<>(file.fieldNames());
        keys.removeAll(Set.of("name", "keys"));
        assertThat(AdminContract.schema("Settings").getJsonObject("properties").fieldNames())
                .containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void kindsOfObjectsAreThoseOfTheRoutes() {
        assertThat(AdminContract.schema("ObjectKind").getJsonArray("enum").stream().map(String::valueOf))
                .containsExactlyElementsOf(StoredRoute.kinds());
    }

    @ParameterizedTest
    @EnumSource
    void saysWhoMayCall(AdminRoute route) {
        Set<String> roles = new TreeSet<>();
        for (Object role : AdminContract.operation(route).getJsonArray("x-roles", new JsonArray())) {
            roles.add(String.valueOf(role));
        }
        Set<String> allowed = new TreeSet<>();
        for (Role role : new Role[]{new Role.Viewer(), new Role.Operator(), new Role.OfTenant("bot")}) {
            if (route.allows(role)) {
                allowed.add(role.toString().replaceFirst(":.*", ""));
            }
        }
        assertThat(roles).isEqualTo(allowed);
    }

    @ParameterizedTest
    @EnumSource
    void namesTheParametersOfThePath(AdminRoute route) {
        Set<String> names = Pattern.compile("\\{(\\w+)}").matcher(route.path()).results()
                .map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
        assertThat(AdminContract.parameters(route, "path")).isEqualTo(names);
    }
}
