package sluice.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.stream.Collectors;

/** What the JSON Schema says of a value, in words. */
final class ConfigForm {
    private static final Map<String, String> WORDS = Map.of("(ms|s|m|h|d)", "duration", "(B|KiB|MiB|GiB)/s",
            "size per second", "(B|KiB|MiB|GiB)", "size", "([0-9]{1,3})%", "percentage", "\\d{4}-\\d{2}-\\d{2}",
            "day or instant", "[0-9a-fA-F]{64}", "SHA-256");

    private ConfigForm() {}

    /** Whether it is the form of a variable, which every value may have. */
    static boolean isVariable(JsonObject form) {
        return "\\$\\{".equals(form.getString("pattern"));
    }

    static String of(JsonObject form) {
        JsonArray words = form.getJsonArray("enum");
        if (words != null) {
            return words.contains(true)
                    ? "`true` or `false`"
                    : words.stream().map(word -> "`" + word + "`").collect(Collectors.joining(", "));
        }
        String pattern = form.getString("pattern", "");
        String types = String.valueOf(form.getValue("type"));
        if (types.contains("integer")) {
            String range = "whole number, " + form.getLong("minimum") + " to " + form.getLong("maximum");
            return pattern.contains("%") ? range + ", or percentage" : range;
        }
        if (types.contains("number")) {
            return form.containsKey("exclusiveMinimum") ? "number above 0" : "number from 0";
        }
        boolean rate = pattern.contains("/s)");
        String known = WORDS.entrySet().stream()
                .filter(word -> pattern.contains(word.getKey()) && !(rate && word.getValue().equals("size")))
                .map(Map.Entry::getValue).sorted().collect(Collectors.joining(" or "));
        return known.isEmpty() ? "text" : known;
    }
}
