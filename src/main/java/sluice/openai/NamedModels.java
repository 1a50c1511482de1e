package sluice.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The models that a body names below its top level: in tools, sessions, graders, moderations, fallbacks, and whatever
 * the API adds next. The caller's free-form data is not searched: schemas, texts and labels.
 */
final class NamedModels {
    /** The most names in one body, since each has to be checked. */
    private static final int MOST = 64;
    private static final Set<String> CALLERS_OWN = Set.of("parameters", "schema", "json_schema", "input_schema",
            "metadata", "headers", "env", "arguments", "variables", "messages", "content", "logit_bias");

    private final JsonTokens tokens;
    private final Set<String> models = new LinkedHashSet<>();

    NamedModels(JsonTokens tokens) {
        this.tokens = tokens;
    }

    Set<String> all() {
        return models.isEmpty() ? Set.of() : models;
    }

    /** Reads the current value, which belongs to a field of this name, to its end. */
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

    /** As {@link #read}, but skips the caller's free-form data. */
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

    /** The current string as a model name; not decoded if it is too long. */
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
