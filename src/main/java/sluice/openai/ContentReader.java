package sluice.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/** Reads what a model is given to read: how much text it is, and what else it holds or refers to. */
final class ContentReader {
    private final JsonTokens tokens;
    private final NamedModels others;
    private final Set<Trait> traits;
    private long characters;

    ContentReader(JsonTokens tokens, NamedModels others, Set<Trait> traits) {
        this.tokens = tokens;
        this.others = others;
        this.traits = traits;
    }

    /** The characters of all text so far; a token in an array of numbers counts as four. */
    long characters() {
        return characters;
    }

    /** Reads messages and inputs at any depth: their text, external references, and tools. */
    void read() throws IOException, MalformedBody {
        int depth = 0;
        do {
            depth += tokens.step();
            JsonToken value = tokens.value();
            if (value == JsonToken.FIELD_NAME && tokens.name().equals("tools")) {
                tokens.next();
                others.read("tools");
            } else if (value == JsonToken.START_OBJECT) {
                note(tokens.name().equals("input_audio") || tokens.name().equals("audio"), Trait.AUDIO);
            } else if (value == JsonToken.VALUE_STRING) {
                text();
            } else if (value.isNumeric()) {
                characters += TokenEstimate.CHARACTERS_PER_TOKEN;
            }
        } while (depth > 0 && tokens.next() != null);
    }

    /**
     * Encoded or fetched content is not text: it is priced differently, and its length says nothing about its tokens.
     */
    private void text() throws IOException, MalformedBody {
        String name = tokens.name();
        switch (name) {
            case "data", "file_data", "url", "image_url", "file_url", "file_id", "type", "role", "id" ->
                reference(name);
            default -> characters += tokens.characters(Integer.MAX_VALUE);
        }
    }

    private void reference(String name) throws IOException, MalformedBody {
        switch (name) {
            case "file_id" -> {
                traits.add(Trait.STORED_OBJECT);
                others.object();
            }
            case "file_url" -> traits.add(Trait.REMOTE_INPUT);
            case "image_url", "url" -> note(tokens.begins("http"), Trait.REMOTE_INPUT);
            case "type" -> note(tokens.begins("item_reference"), Trait.STORED_OBJECT);
            default -> {
                // Not a reference.
            }
        }
    }

    private void note(boolean holds, Trait trait) {
        if (holds) {
            traits.add(trait);
        }
    }
}
