package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The contract of the admin API, as tests ask it. */
public final class AdminContract {
    private static final JsonObject DOCUMENT = document();
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Map.of("urn:contract", DOCUMENT.encode())));

    private AdminContract() {}

    private static JsonObject document() {
        try (InputStream in = Objects
                .requireNonNull(AdminContract.class.getResourceAsStream("/sluice/admin/openapi.yaml"))) {
            Object yaml = new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
                    .loadFromString(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return new JsonObject(Json.encode(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every route as {@code METHOD path}. */
    static Set<String> routes() {
        Set<String> routes = new TreeSet<>();
        for (String path : paths().fieldNames()) {
            for (String method : paths().getJsonObject(path).fieldNames()) {
                if (!method.equals("parameters")) {
                    routes.add(method.toUpperCase(Locale.ROOT) + " " + path);
                }
            }
        }
        return routes;
    }

    static JsonObject operation(AdminRoute route) {
        return Objects.requireNonNull(paths().getJsonObject(route.path())
                .getJsonObject(route.method().toLowerCase(Locale.ROOT)), route.name());
    }

    /** The names of the parameters of a route that lie there, {@code query} or {@code path}. */
    static Set<String> parameters(AdminRoute route, String in) {
        JsonArray all = new JsonArray().addAll(operation(route).getJsonArray("parameters", new JsonArray()))
                .addAll(paths().getJsonObject(route.path()).getJsonArray("parameters", new JsonArray()));
        return all.stream().map(JsonObject.class::cast).map(AdminContract::resolved)
                .filter(parameter -> parameter.getString("in").equals(in))
                .map(parameter -> parameter.getString("name")).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Fails unless this is an answer that the contract knows for the route. */
    public static void holds(AdminRoute route, HttpResponse<String> answer) {
        JsonObject responses = operation(route).getJsonObject("responses");
        String status = Integer.toString(answer.statusCode());
        boolean listed = responses.containsKey(status);
        assertThat(listed || answer.statusCode() >= 400).as("%s answers %s", route, status).isTrue();
        JsonObject response = resolved(responses.getJsonObject(listed ? status : "default"));
        if (!response.containsKey("content")) {
            assertThat(answer.body()).as(route.name()).isEmpty();
            return;
        }
        String type = answer.headers().firstValue("content-type").orElse("").replaceFirst(";.*", "");
        assertThat(response.getJsonObject("content").fieldNames()).as("%s %s", route, answer.body()).contains(type);
        if (type.equals("application/json")) {
            JsonObject schema = response.getJsonObject("content").getJsonObject(type).getJsonObject("schema");
            Schema judge = SCHEMAS.getSchema(SchemaLocation.of("urn:contract#" + pointer(schema)));
            assertThat(judge.validate(answer.body(), InputFormat.JSON)).as("%s: %s", route, answer.body()).isEmpty();
        }
    }

    static JsonObject schema(String name) {
        return DOCUMENT.getJsonObject("components").getJsonObject("schemas").getJsonObject(name);
    }

    private static String pointer(JsonObject schema) {
        return Objects.requireNonNull(schema.getString("$ref"), "schemas of answers have a name").substring(1);
    }

    private static JsonObject resolved(JsonObject item) {
        String reference = item.getString("$ref");
        if (reference == null) {
            return item;
        }
        JsonObject at = DOCUMENT;
        for (JsonPointer step = JsonPointer.compile(reference.substring(1)); !step.matches(); step = step.tail()) {
            at = at.getJsonObject(step.getMatchingProperty());
        }
        return at;
    }

    private static JsonObject paths() {
        return DOCUMENT.getJsonObject("paths");
    }
}
