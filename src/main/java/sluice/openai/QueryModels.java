package sluice.openai;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The models named in a query. */
public final class QueryModels {
    private QueryModels() {}

    /**
     * All values of a request target's {@code model} fields, decoded; text that cannot be decoded is taken as it is.
     */
    public static List<String> of(String uri) {
        List<String> models = new ArrayList<>();
        int question = uri.indexOf('?');
        if (question < 0) {
            return models;
        }
        for (String field : uri.substring(question + 1).split("[&;]", -1)) {
            int equals = field.indexOf('=');
            String name = decoded(equals < 0 ? field : field.substring(0, equals)).strip();
            if (name.equalsIgnoreCase("model") || name.regionMatches(true, 0, "model[", 0, 6)) {
                models.add(equals < 0 ? "" : decoded(field.substring(equals + 1)));
            }
        }
        return models;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return text;
        }
    }
}
