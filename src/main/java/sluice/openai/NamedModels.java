package sluice.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The models that a body names deeper than at its top: of tools, sessions, graders, moderations, fallbacks, whatever the API
 * will have next. Not looked into is what the caller fills as it likes: its schemas, texts and labels.
 */
final class NamedModels {
    /** Names in one body; more would be judged one by one. */
    private static final int MOST = 64;
    private static final Set<String> CALLERS_OWN = Set.of("parameters", "schema", "json_schema", "input_schema",
            "metadata", "headers", "arguments", "variables", "messages", "content", "logit_bias");

    private final JsonTokens tokens;
    private final Set<String> models = new LinkedHashSet<>();

    NamedModels(JsonTokens tokens) {
        this.tokens = tokens;
    }

    Set<String> all() {
        return models.isEmpty() ? Set.of() : models;
    }

    /** Reads the value that comes now, of a field of this name, to its end. */
    void read(String name) throws IOException, MalformedBody {
        boolean names = namesModel(name);
        int depth = 0;
        do {
            if (tokens.value() == JsonToken.FIELD_NAME) {
                String field = tokens.name();
                tokens.next();
                readField(field);
            } else {
                depth += tokens.step();
                if (names && tokens.isText()) {
                    add(name);
                }
            }
        } while (depth > 0 && tokens.next() != null);
    }

    /** Likewise, if it is not the caller's own. */
    void readField(String name) throws IOException, MalformedBody {
        if (CALLERS_OWN.contains(name)) {
            tokens.skip();
        } else {
            read(name);
        }
    }

    private void add(String field) throws IOException, MalformedBody {
        models.add(text(tokens, field));
        if (models.size() > MOST) {
            throw MalformedBody.tooComplex("it names more than " + MOST + " models");
        }
    }

    /** The name that comes now, which is not decoded if it is too long. */
    static String text(JsonTokens tokens, String field) throws IOException, MalformedBody {
        if (tokens.characters(ModelName.LONGEST + 1) > ModelName.LONGEST) {
            throw ModelName.fault(field);
        }
        return ModelName.checked(field, tokens.text());
    }

    private static boolean namesModel(String field) {
        String lower = field.toLowerCase(Locale.ROOT);
        return lower.endsWith("model") || lower.endsWith("models") || lower.startsWith("fallback");
    }
}
