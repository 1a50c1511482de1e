package sluice.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The models that a body names below its top level: in tools, sessions, graders, moderations, fallbacks, and whatever
 * the API adds next; and the stored objects that it names. The caller's free-form data is not searched: schemas, texts
 * and labels; in messages, only file ids are looked for.
 */
final class NamedModels {
    /** The most names in one body, since each has to be checked. */
    private static final int MOST = 64;
    private static final Set<String> CALLERS_OWN = Set.of("parameters", "schema", "json_schema", "input_schema",
            "metadata", "headers", "env", "arguments", "variables", "logit_bias");
    private static final Set<String> MESSAGES = Set.of("messages", "content");
    private static final String ID = "id";

    private final JsonTokens tokens;
    private final ObjectNames objects;
    private final Set<String> models = new LinkedHashSet<>();

    NamedModels(JsonTokens tokens, ObjectNames objects) {
        this.tokens = tokens;
        this.objects = objects;
    }

    Set<String> all() {
        return models.isEmpty() ? Set.of() : models;
    }

    /** Reads the current value, which belongs to a field of this name, to its end. */
    void read(String name) throws IOException, MalformedBody {
        boolean names = namesModel(name);
        boolean namesObject = ObjectNames.isOne(name);
        int depth = 0;
        do {
            if (tokens.value() == JsonToken.FIELD_NAME) {
                String field = tokens.name();
                tokens.next();
                if (field.equals(ID) && ObjectNames.hasOne(name)) {
                    object();
                }
                readField(field);
            } else {
                depth += tokens.step();
                if (names && tokens.isText()) {
                    add(name);
                }
                if (namesObject) {
                    object();
                }
            }
        } while (depth > 0 && tokens.next() != null);
    }

    /** As {@link #read}, but skips the caller's free-form data. */
    void readField(String name) throws IOException, MalformedBody {
        if (CALLERS_OWN.contains(name)) {
            tokens.skip();
        } else if (MESSAGES.contains(name)) {
            files();
        } else {
            read(name);
        }
    }

    /** Skips messages, at any depth, but takes the file ids in them. */
    private void files() throws IOException, MalformedBody {
        int depth = 0;
        do {
            depth += tokens.step();
            if (tokens.isText() && tokens.name().equals("file_id")) {
                object();
            }
        } while (depth > 0 && tokens.next() != null);
    }

    /** The current value, if it is a string short enough for an id. */
    void object() throws IOException, MalformedBody {
        if (tokens.isText()) {
            boolean tooLong = tokens.characters(ObjectNames.LONGEST + 1) > ObjectNames.LONGEST;
            objects.add(tooLong ? "-" : tokens.text());
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
