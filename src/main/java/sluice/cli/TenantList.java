package sluice.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Tenants with their keys, as under {@code tenants} in a configuration file: settings in its keys, and keys as
 * digests.
 *
 * @param tenants by name
 */
record TenantList(Map<String, Entry> tenants) {
    private static final String DIGEST = "sha256:";
    /** Of whole numbers, so that they fit a long. */
    private static final int MOST_DIGITS = 18;

    /**
     * A tenant.
     *
     * @param settings without name and keys
     * @param keys     when each expires, if it does, by digest
     */
    record Entry(JsonObject settings, Map<String, Optional<Instant>> keys) {

        Entry {
            keys = Collections.unmodifiableMap(new TreeMap<>(keys));
        }
    }

    TenantList {
        tenants = Collections.unmodifiableMap(new TreeMap<>(tenants));
    }

    /** What a gateway manages, except for keys that are refused anyway. */
    static TenantList of(AdminAccess gateway) throws IOException, InterruptedException {
        Map<String, Entry> tenants = new TreeMap<>();
        for (JsonObject each : gateway.all("/tenants?origin=managed")) {
            String name = each.getString("name");
            tenants.put(name, new Entry(numbersAsWritten(each.getJsonObject("settings")), keys(gateway, name)));
        }
        return new TenantList(tenants);
    }

    private static Map<String, Optional<Instant>> keys(AdminAccess gateway, String tenant)
            throws IOException, InterruptedException {
        Map<String, Optional<Instant>> keys = new TreeMap<>();
        for (JsonObject key : gateway.all("/tenants/" + tenant + "/keys")) {
            if (key.getString("state").equals("active") && key.getString("origin").equals("managed")) {
                keys.put(key.getString("sha256"), Optional.ofNullable(key.getString("not_after")).map(Instant::parse));
            }
        }
        return keys;
    }

    /** Reads a file. Variables are not substituted: what is applied is what the file says. */
    static TenantList read(Path file) throws IOException {
        Object root;
        try {
            root = new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
                    .loadFromString(Files.readString(file));
        } catch (YamlEngineException unreadable) {
            throw new IOException(file + " is not YAML: " + unreadable.getMessage());
        }
        if (!(root instanceof Map<?, ?> map) || !(map.get("tenants") instanceof List<?> list)) {
            throw new IOException(file + " has no list of tenants (expected: tenants: [{ name: … }])");
        }
        Map<String, Entry> tenants = new TreeMap<>();
        for (Object each : list) {
            if (!(each instanceof Map<?, ?> tenant) || !(tenant.get("name") instanceof String name)) {
                throw new IOException(file + ": a tenant has no name");
            }
            if (tenants.put(name, entry(file + ": " + name, tenant)) != null) {
                throw new IOException(file + ": " + name + " is listed twice");
            }
        }
        return new TenantList(tenants);
    }

    private static Entry entry(String where, Map<?, ?> tenant) throws IOException {
        JsonObject settings = new JsonObject();
        for (Map.Entry<?, ?> each : tenant.entrySet()) {
            String key = String.valueOf(each.getKey());
            if (!key.equals("name") && !key.equals("keys") && each.getValue() != null) {
                settings.put(key, plain(where, each.getValue()));
            }
        }
        Map<String, Optional<Instant>> keys = new TreeMap<>();
        if (tenant.get("keys") instanceof List<?> list) {
            for (Object key : list) {
                addKey(where, key, keys);
            }
        }
        return new Entry(settings, keys);
    }

    private static void addKey(String where, @Nullable Object key, Map<String, Optional<Instant>> keys)
            throws IOException {
        if (key instanceof Map<?, ?> map && map.get("sha256") instanceof String digest) {
            Object end = map.get("not-after");
            keys.put(digits(where, digest.replaceFirst("^" + DIGEST, "")),
                    end == null ? Optional.empty() : Optional.of(moment(where, end.toString())));
        } else if (key instanceof String text && text.startsWith(DIGEST)) {
            keys.put(digits(where, text.substring(DIGEST.length())), Optional.empty());
        } else {
            throw new IOException(where + ": a key that is not a digest (expected: sha256: and 64 hexadecimal digits)");
        }
    }

    private static String digits(String where, String hex) throws IOException {
        if (!hex.matches("[0-9a-fA-F]{64}")) {
            throw new IOException(where + ": an invalid digest (expected: 64 hexadecimal digits)");
        }
        return hex.toLowerCase(Locale.ROOT);
    }

    private static Instant moment(String where, String text) throws IOException {
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeParseException notOne) {
            throw new IOException(where + ": not-after: " + text + " (expected: a day or an instant)", notOne);
        }
    }

    private static Object plain(String where, Object value) throws IOException {
        return switch (value) {
            case Map<?, ?> map -> object(where, map);
            case List<?> list -> {
                JsonArray array = new JsonArray();
                for (Object each : list) {
                    array.add(plain(where, each));
                }
                yield array;
            }
            case String text -> literal(where, text);
            case Double number -> asWritten(number);
            default -> value;
        };
    }

    /** As people write it: JSON may have 5.0E-4, which the configuration does not read, and 100.0, which is 100. */
    private static Number asWritten(double number) {
        BigDecimal exact = BigDecimal.valueOf(number).stripTrailingZeros();
        if (exact.scale() > 0 || exact.precision() - exact.scale() > MOST_DIGITS) {
            return exact;
        }
        long whole = exact.longValueExact();
        return whole == (int) whole ? (Number) (int) whole : (Number) whole;
    }

    private static Object asWritten(Object value) {
        return switch (value) {
            case JsonObject object -> numbersAsWritten(object);
            case JsonArray array -> {
                JsonArray all = new JsonArray();
                array.forEach(each -> all.add(each == null ? null : asWritten(each)));
                yield all;
            }
            case Double number -> asWritten(number.doubleValue());
            default -> value;
        };
    }

    private static JsonObject numbersAsWritten(JsonObject settings) {
        JsonObject all = new JsonObject();
        settings.forEach(each -> all.put(each.getKey(), each.getValue() == null ? null : asWritten(each.getValue())));
        return all;
    }

    private static JsonObject object(String where, Map<?, ?> map) throws IOException {
        JsonObject object = new JsonObject();
        for (Map.Entry<?, ?> each : map.entrySet()) {
            if (each.getValue() != null) {
                object.put(String.valueOf(each.getKey()), plain(where, each.getValue()));
            }
        }
        return object;
    }

    private static String literal(String where, String text) throws IOException {
        if (text.replace("$${", "").contains("${")) {
            throw new IOException(where + ": variables are not substituted here (expected: the value itself)");
        }
        return text.replace("$${", "${");
    }

    /** As a file that the configuration includes. */
    String yaml() {
        List<Object> list = new ArrayList<>();
        tenants.forEach((name, entry) -> {
            Map<String, Object> tenant = new LinkedHashMap<>();
            tenant.put("name", name);
            tenant.put("keys", entry.keys().entrySet().stream().map(TenantList::key).toList());
            entry.settings().forEach(each -> tenant.put(each.getKey(), escaped(each.getValue())));
            list.add(tenant);
        });
        DumpSettings layout = DumpSettings.builder().setSchema(new CoreSchema()).setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndent(2).setIndicatorIndent(2).setIndentWithIndicator(true).setWidth(Integer.MAX_VALUE)
                .setSplitLines(false).build();
        return new Dump(layout).dumpToString(Map.of("tenants", list));
    }

    private static Object key(Map.Entry<String, Optional<Instant>> key) {
        Optional<Instant> end = key.getValue();
        if (end.isEmpty()) {
            return DIGEST + key.getKey();
        }
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("sha256", key.getKey());
        section.put("not-after", end.get().toString());
        return section;
    }

    private static Object escaped(Object value) {
        return switch (value) {
            case JsonObject object -> {
                Map<String, Object> map = new LinkedHashMap<>();
                object.forEach(each -> map.put(each.getKey(), escaped(each.getValue())));
                yield map;
            }
            case JsonArray array -> array.stream().map(TenantList::escaped).toList();
            case String text -> text.replace("${", "$${");
            default -> value;
        };
    }
}
