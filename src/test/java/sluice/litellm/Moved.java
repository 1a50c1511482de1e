package sluice.litellm;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Tenant;
import sluice.yaml.InvalidConfig;

/** A LiteLLM proxy to convert, and what becomes of it. */
final class Moved {
    private final List<Conversion.Answer> teams = new ArrayList<>();
    private final List<Conversion.Answer> keys = new ArrayList<>();
    private final String file;
    private Conversion.Use use = Conversion.Use.PRODUCTION;

    /** @param file its config.yaml */
    Moved(String file) {
        this.file = file;
    }

    /** One with a single deployment of each of these models at OpenAI. */
    static Moved serving(String... models) {
        StringBuilder file = new StringBuilder("model_list:\n");
        for (String model : models) {
            file.append("""
                      - model_name: "%1$s"
                        litellm_params: { model: "openai/%1$s", api_key: os.environ/OPENAI_API_KEY, rpm: 100 }
                    """.formatted(model));
        }
        return new Moved(file.toString());
    }

    String file() {
        return file;
    }

    Moved teams(String answer) {
        teams.add(new Conversion.Answer("teams-%d.json".formatted(teams.size() + 1), answer));
        return this;
    }

    Moved keys(String answer) {
        keys.add(new Conversion.Answer("keys-%d.json".formatted(keys.size() + 1), answer));
        return this;
    }

    Moved inShadow() {
        use = new Conversion.Use(true, Optional.empty());
        return this;
    }

    Moved onTrial(String url) {
        return onTrial(url, 8080, 9090);
    }

    Moved onTrial(String url, int port, int adminPort) {
        use = new Conversion.Use(false, Optional.of(new Conversion.TrialAt(URI.create(url), port, adminPort)));
        return this;
    }

    /** A team with one key, {@code sk-NAME}, and further fields. */
    static String team(String name, String fields) {
        return """
                {"team_id": "id-%1$s", "team_alias": "%1$s", "keys": [%2$s]%3$s}
                """.formatted(name, key(name, "\"team_id\": \"id-%s\"".formatted(name)), and(fields));
    }

    /** A key, {@code sk-NAME}, with further fields. */
    static String key(String name, String fields) {
        return """
                {"token": "%s", "key_alias": "%s"%s}""".formatted(KeyDigest.of("sk-" + name).hex(), name, and(fields));
    }

    private static String and(String fields) {
        return fields.isEmpty() ? "" : ", " + fields;
    }

    private static Object load(String yaml) {
        return new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(yaml);
    }

    Conversion converted() throws UnusableAnswer {
        return Conversion.of(load(file), new Conversion.Callers(teams, keys), use);
    }

    /** As the gateway reads it. */
    GatewayConfig config(Path folder) throws UnusableAnswer, IOException, InvalidConfig {
        return ConfigReader.readOffline(Files.writeString(folder.resolve("sluice.yaml"), converted().yaml()));
    }

    /** What a line says after its beginning; empty if there is none. */
    String note(String beginning) throws UnusableAnswer {
        return converted().notes().stream().filter(line -> line.startsWith("- " + beginning))
                .map(line -> line.substring(2 + beginning.length())).findFirst().orElse("");
    }

    /** An account's fields. */
    Map<?, ?> account(String name) throws UnusableAnswer {
        return named((Map<?, ?>) at("upstream"), "accounts", name);
    }

    /** A tenant's fields. */
    Map<?, ?> tenant(String name) throws UnusableAnswer {
        return named((Map<?, ?>) load(converted().yaml()), "tenants", name);
    }

    /** The names of all tenants. */
    List<String> tenants() throws UnusableAnswer {
        return at("tenants") instanceof List<?> list
                ? list.stream().map(each -> String.valueOf(((Map<?, ?>) each).get("name"))).toList()
                : List.of();
    }

    /** A section; an empty text if there is none. */
    Object at(String section) throws UnusableAnswer {
        return Objects.requireNonNullElse(((Map<?, ?>) load(converted().yaml())).get(section), "");
    }

    private static Map<?, ?> named(Map<?, ?> from, String list, String name) {
        return ((List<?>) Objects.requireNonNull(from.get(list))).stream().map(each -> (Map<?, ?>) each)
                .filter(each -> name.equals(each.get("name"))).findFirst().orElseThrow();
    }

    static Tenant tenant(GatewayConfig config, String name) {
        return config.tenants().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }
}
