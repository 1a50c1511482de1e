package sluice.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import sluice.yaml.InvalidConfig;

/**
 * docs/configuration.md: every key that the readers look up, in the order of config/sluice.yaml, with its form from the
 * JSON Schema, the value that is in effect without it, and the words of that file.
 */
final class ConfigReference {
    private static final Pattern TOP = Pattern.compile("^#?([a-z-]+):.*");
    /** One of each list and of each name, so that the defaults of its keys are in effect. */
    private static final String ONE_OF_EACH = """
            upstream: { accounts: [{ name: main, keys: ["${OPENAI_API_KEY}"] }] }
            plans: { any: {} }
            tenants: [{ name: any, keys: ["${SUPPORT_BOT_KEY}"] }]
            """;

    /** One key. */
    private record Key(String path, String form, String text) {}

    private final Map<String, List<Key>> keys = new LinkedHashMap<>();
    private final Map<String, String> introductions = new LinkedHashMap<>();
    private final Map<String, String> defaults = new LinkedHashMap<>();

    private ConfigReference(JsonObject schema, String commented) throws InvalidConfig {
        introduce(commented);
        JsonObject top = schema.getJsonObject("properties");
        introductions.keySet().forEach(name -> walk(name, name, top.getJsonObject(name)));
        Object effective = new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(
                ConfigReader.parse(ONE_OF_EACH, Configs.environment()).effective().yaml());
        flatten("", effective);
        defaults.keySet().removeIf(ConfigReference::isStated);
        flatten("", new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
                .loadFromString(Configs.text(Configs.SHIPPED)));
    }

    /** The page. */
    static String of(JsonObject schema, String commented) throws InvalidConfig {
        return new ConfigReference(schema, commented).page();
    }

    /** The paths of all keys. */
    static List<String> paths(JsonObject schema, String commented) throws InvalidConfig {
        return new ConfigReference(schema, commented).keys.values().stream().flatMap(List::stream).map(Key::path)
                .toList();
    }

    /** The comment above each top-level key. */
    private void introduce(String commented) {
        StringBuilder comment = new StringBuilder();
        for (String line : commented.lines().toList()) {
            Matcher key = TOP.matcher(line);
            if (key.matches() && !introductions.containsKey(key.group(1)) && !line.startsWith("# ")) {
                introductions.put(key.group(1), comment.toString().strip());
                comment.setLength(0);
            } else if (line.startsWith("# ")) {
                comment.append(line.substring(2)).append(' ');
            } else {
                comment.setLength(0);
            }
        }
    }

    private void walk(String section, String path, JsonObject node) {
        List<String> forms = new ArrayList<>();
        List<JsonObject> below = new ArrayList<>();
        for (JsonObject form : forms(node)) {
            if (form.containsKey("properties") || form.getValue("additionalProperties") instanceof JsonObject) {
                below.add(form);
            } else if (form.containsKey("items")) {
                list(section, path, form.getJsonObject("items"), forms);
            } else {
                forms.add(ConfigForm.of(form));
            }
        }
        String text = node.getString("description", "");
        if (!forms.isEmpty() || !text.isEmpty()) {
            String shown = forms.stream().distinct().collect(Collectors.joining("; "));
            keys.computeIfAbsent(section, fresh -> new ArrayList<>())
                    .add(new Key(path, shown.isEmpty() ? below(below) : shown, text));
        }
        below.forEach(form -> mapping(section, path, form));
    }

    /** Whether config/sluice.yaml states the default itself, rather than an example. */
    private static boolean isStated(String path) {
        return !path.contains("[]") && !path.contains("*");
    }

    private static String below(List<JsonObject> below) {
        return below.isEmpty() ? "list" : "mapping";
    }

    private void list(String section, String path, JsonObject items, List<String> forms) {
        List<String> single = new ArrayList<>();
        for (JsonObject form : forms(items)) {
            if (form.containsKey("properties") || form.getValue("additionalProperties") instanceof JsonObject) {
                mapping(section, path + "[]", form);
            } else {
                single.add(ConfigForm.of(form));
            }
        }
        if (!single.isEmpty()) {
            forms.add("list of " + single.stream().distinct().collect(Collectors.joining(" or ")));
        }
    }

    private void mapping(String section, String path, JsonObject form) {
        JsonObject properties = form.getJsonObject("properties", new JsonObject());
        properties.fieldNames().forEach(name -> walk(section, path + "." + name, properties.getJsonObject(name)));
        if (form.getValue("additionalProperties") instanceof JsonObject named) {
            walk(section, path + ".*", named);
        }
    }

    private static List<JsonObject> forms(JsonObject node) {
        JsonArray any = node.getJsonArray("anyOf");
        List<JsonObject> forms = new ArrayList<>();
        if (any == null) {
            forms.add(node);
        } else {
            any.stream().map(JsonObject.class::cast).forEach(each -> forms.addAll(forms(each)));
        }
        forms.removeIf(form -> ConfigForm.isVariable(form) || form.containsKey("maxLength"));
        forms.removeIf(form -> form.fieldNames().equals(Set.of("description")));
        return forms;
    }

    private void flatten(String path, @Nullable Object value) {
        switch (value) {
            case Map<?, ?> map when path.equals("plans") -> flatten("plans.*", map.get("any"));
            case Map<?, ?> map ->
                map.forEach((key, each) -> flatten(path.isEmpty() ? key.toString() : path + "." + key, each));
            case List<?> list when !list.isEmpty() && list.getFirst() instanceof Map<?, ?> first ->
                flatten(path + "[]", first);
            case null -> {
                // Nothing is in effect.
            }
            default -> {
                String text = value.toString();
                if (!text.contains("${")) {
                    defaults.putIfAbsent(path, text);
                }
            }
        }
    }

    private String page() {
        StringBuilder page = new StringBuilder(
                """
                        # Configuration reference

                        Every key, generated from the code and `config/sluice.yaml`: to change it, change those, then run
                        `mvn test -Dtest=ConfigSchemaTest -Dsluice.schema.write=true`.

                        `[]` stands for each item of a list, `*` for a name of your choice. Values may contain `${NAME}` and `${NAME:default}`;
                        secrets may be `file:/path`, or `${NAME}` with the path in the variable `NAME_FILE`. Durations are written `500ms`, `30s`,
                        `10m`, `1h`, `1d`; sizes `512B`, `64KiB`, `32MiB`, `1GiB`.
                        """);
        introductions.forEach((section, introduction) -> {
            page.append("\n## ").append(section).append("\n\n");
            if (!introduction.isEmpty()) {
                page.append(introduction).append("\n\n");
            }
            page.append("| key | value | default | |\n|---|---|---|---|\n");
            keys.getOrDefault(section, List.of()).forEach(key -> page.append("| `").append(key.path()).append("` | ")
                    .append(cell(key.form())).append(" | ").append(byDefault(key.path())).append(" | ")
                    .append(cell(text(key))).append(" |\n"));
        });
        return page.toString();
    }

    /** A key of a tenant, a tier or a nested limit says what its namesake says. */
    private String text(Key key) {
        if (!key.text().isEmpty()) {
            return key.text();
        }
        if (key.path().endsWith(".*")) {
            String parent = key.path().substring(0, key.path().length() - 2);
            return keys.values().stream().flatMap(List::stream).filter(other -> other.path().equals(parent))
                    .map(Key::text).findFirst().orElse("");
        }
        String last = key.path().substring(key.path().lastIndexOf('.') + 1);
        return Optional.ofNullable(keys.get(key.path().startsWith("prices") ? "prices" : "plans")).stream()
                .flatMap(List::stream).filter(other -> !other.text().isEmpty() && other.path().endsWith("." + last))
                .map(Key::text).findFirst().orElse("");
    }

    private String byDefault(String path) {
        String value = defaults.get(path);
        return value == null || value.isEmpty() || value.equals("[redacted]") || path.endsWith(".name")
                || path.endsWith(".keys")
                        ? ""
                        : "`" + value + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
