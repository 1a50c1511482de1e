package sluice.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.tenancy.Tenant;
import sluice.yaml.Problem;

/**
 * The differences between the configuration in effect and its replacement.
 *
 * @param before the configuration in effect
 * @param after  its replacement
 */
public record ConfigChange(GatewayConfig before, GatewayConfig after) {
    private static final int MOST_NAMES = 10;

    /** Whether nothing differs except warnings, which also change with line numbers and time. */
    public boolean isNone() {
        return before.withoutWarnings().equals(after.withoutWarnings());
    }

    /** The warnings that are new, and not just those of lines that have moved. */
    public List<String> newWarnings() {
        Set<String> known = before.warnings().stream().map(ConfigChange::withoutLine).collect(Collectors.toSet());
        return after.warnings().stream().filter(warning -> !known.contains(withoutLine(warning))).toList();
    }

    private static String withoutLine(String warning) {
        return warning.replaceFirst(", line \\d+: ", ": ");
    }

    /** Changes that need a restart: ports, tracing, and where state is kept; empty if there are none. */
    public List<Problem> needRestart() {
        List<Problem> problems = new ArrayList<>();
        differ(problems, "listen", GatewayConfig::listen);
        differ(problems, "admin", config -> config.admin().withoutTokens());
        differ(problems, "traces", GatewayConfig::traces);
        differ(problems, "redis", GatewayConfig::redis);
        differ(problems, "cache.redis", GatewayConfig::secondTier);
        differ(problems, "ledger", config -> List.of(config.ledger(), config.startWait(), config.calls()));
        return problems;
    }

    private void differ(List<Problem> problems, String section, Function<GatewayConfig, Object> part) {
        if (part.apply(before).equals(part.apply(after))) {
            return;
        }
        Map<String, Object> was = leaves(section, within(before.effective().tree(), section));
        Map<String, Object> is = leaves(section, within(after.effective().tree(), section));
        Set<String> paths = new LinkedHashSet<>(was.keySet());
        paths.addAll(is.keySet());
        paths.removeIf(path -> Objects.equals(was.get(path), is.get(path)));
        if (paths.isEmpty()) {
            problems.add(new Problem(section, "a secret in it has changed (needs a restart)"));
        }
        paths.forEach(path -> problems.add(new Problem(path, is.getOrDefault(path, "nothing")
                + " (needs a restart; in effect: " + was.getOrDefault(path, "nothing") + ")")));
    }

    private static Object within(Map<?, ?> tree, String path) {
        Object at = tree;
        for (String key : path.split("\\.", -1)) {
            at = at instanceof Map<?, ?> section && section.containsKey(key)
                    ? Objects.requireNonNull(section.get(key))
                    : Map.of();
        }
        return at;
    }

    private static Map<String, Object> leaves(String path, Object value) {
        Map<String, Object> leaves = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> section) {
            section.forEach((key, within) -> leaves.putAll(leaves(path + "." + key, within)));
        } else {
            leaves.put(path, value);
        }
        return leaves;
    }

    /** One log line: tenants and accounts added, removed and changed, and other sections that changed. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        names(parts, "tenants", GatewayConfig::tenants, Tenant::name);
        names(parts, "accounts", GatewayConfig::accounts, entry -> entry.account().name());
        Map<String, Object> was = before.effective().tree();
        Map<String, Object> is = after.effective().tree();
        Stream.concat(is.keySet().stream(), was.keySet().stream()).distinct()
                .filter(section -> !section.equals("tenants") && !Objects.equals(is.get(section), was.get(section)))
                .forEach(parts::add);
        return parts.isEmpty() ? "secrets" : String.join(", ", parts);
    }

    private static <T> Map<String, T> byName(List<T> entries, Function<T, String> name) {
        return entries.stream().collect(Collectors.toMap(name, entry -> entry, (one, other) -> other,
                LinkedHashMap::new));
    }

    private <T> void names(List<String> parts, String what, Function<GatewayConfig, List<T>> entries,
            Function<T, String> nameOf) {
        Map<String, T> was = byName(entries.apply(before), nameOf);
        Map<String, T> is = byName(entries.apply(after), nameOf);
        part(parts, what + " added", is.keySet().stream().filter(name -> !was.containsKey(name)).toList());
        part(parts, what + " removed", was.keySet().stream().filter(name -> !is.containsKey(name)).toList());
        part(parts, what + " changed", is.keySet().stream().filter(was::containsKey)
                .filter(name -> !Objects.equals(is.get(name), was.get(name))).toList());
    }

    private static void part(List<String> parts, String what, List<String> names) {
        if (names.size() > MOST_NAMES) {
            parts.add(what + ": " + names.size());
        } else if (!names.isEmpty()) {
            parts.add(what + ": " + String.join(" ", names));
        }
    }
}
