package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.openai.Envelope.Splice;

/** Reads an {@link Envelope} from a body in one pass, keeping nothing else of it. One use per body. */
public final class EnvelopeReader {
    /** Bodies are bounded before they come here, so a single string may fill one. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();

    /** The usual rule of thumb for English text. */
    private static final int CHARS_PER_TOKEN = 4;

    private static final String INCLUDE_USAGE = "\"include_usage\":true";
    private static final String NULL = "null";
    private static final Pattern TIER = Pattern.compile("[a-z_]{1,32}");

    private final byte[] body;
    private final JsonParser parser;
    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private final Set<String> seen = new HashSet<>();
    private @Nullable String model;
    private boolean stream;
    private @Nullable Splice usageOption;
    private boolean streamOptions;
    private long inputChars;
    private long maxOutput = -1;
    private long choices = 1;
    private String serviceTier = "";

    private EnvelopeReader(byte[] body, JsonParser parser) {
        this.body = body;
        this.parser = parser;
    }

    /**
     * Reads a whole body.
     *
     * @throws MalformedBody if it is not one JSON object in UTF-8, or names a field twice, or one that matters here has
     *                       a value of another type
     */
    public static Envelope read(byte[] body) throws MalformedBody {
        if (!startsLikeUtf8(body)) {
            throw MalformedBody.notJson("it is not in UTF-8");
        }
        try (JsonParser parser = JSON.createParser(body)) {
            return new EnvelopeReader(body, parser).object();
        } catch (JsonParseException e) {
            throw MalformedBody.notJson(e.getOriginalMessage() + " at byte " + e.getLocation().getByteOffset());
        } catch (IOException e) {
            throw MalformedBody.notJson("it is not in UTF-8 or nested too deeply");
        }
    }

    /** The parser would also take UTF-16 and UTF-32, which the upstream may understand differently. */
    private static boolean startsLikeUtf8(byte[] body) {
        return body.length < 2 || (body[0] > 0 && body[1] != 0);
    }

    private Envelope object() throws IOException, MalformedBody {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw MalformedBody.notJson("it is not an object");
        }
        int start = position();
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            if (!seen.add(field)) {
                throw MalformedBody.duplicate(field);
            }
            parser.nextToken();
            field(field);
            parser.skipChildren();
        }
        if (parser.nextToken() != null) {
            throw MalformedBody.notJson("something follows its end");
        }
        boolean empty = seen.isEmpty();
        if (!streamOptions) {
            usageOption = new Splice(start, start, "\"stream_options\":{" + INCLUDE_USAGE + "}" + (empty ? "" : ","));
        }
        return new Envelope(model, stream, usageOption, inputChars, maxOutput, choices, serviceTier, traits, start,
                empty);
    }

    /** Notes what a field says; what it leaves unread is skipped. */
    private void field(String name) throws IOException, MalformedBody {
        switch (name) {
            case "model" -> model = text(name);
            case "stream" -> stream = flag(name);
            case "stream_options" -> streamOptions();
            case "temperature" -> note(isNumber() && parser.getDoubleValue() == 0, Trait.TEMPERATURE_ZERO);
            case "seed" -> note(!isNull(), Trait.SEED);
            case "service_tier" -> serviceTier = serviceTier();
            case "store" -> note(!isNull(), flag(name) ? Trait.STORE : Trait.NO_STORE);
            case "background" -> note(flag(name), Trait.BACKGROUND);
            case "previous_response_id", "conversation" -> note(!isNull(), Trait.STORED_OBJECT);
            case "web_search_options" -> note(!isNull(), Trait.HOSTED_TOOL);
            case "audio" -> note(!isNull(), Trait.AUDIO);
            case "prompt" -> {
                note(parser.currentToken() == JsonToken.START_OBJECT, Trait.STORED_OBJECT);
                content();
            }
            case "max_tokens", "max_completion_tokens", "max_output_tokens" ->
                maxOutput = Math.max(maxOutput, count(-1));
            case "n", "best_of" -> choices = Math.max(choices, count(1));
            case "modalities" -> modalities();
            case "tools" -> tools();
            case "functions" -> note(!isNull(), Trait.FUNCTION_TOOL);
            case "messages", "input", "instructions" -> content();
            default -> {
                // It does not matter here.
            }
        }
    }

    /** Whatever the upstream would take for its usual tier, or cannot be the name of one, is the usual one. */
    private String serviceTier() throws IOException {
        String tier = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        boolean usual = tier.equals("auto") || tier.equals("default");
        return usual || !TIER.matcher(tier).matches() ? "" : tier;
    }

    /** Finds out how usage would be asked for; a value of a type that is no option is the upstream's to refuse. */
    private void streamOptions() throws IOException, MalformedBody {
        streamOptions = true;
        if (isNull()) {
            usageOption = new Splice(position() - NULL.length(), position(), "{" + INCLUDE_USAGE + "}");
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        int start = position();
        Set<String> options = new HashSet<>();
        boolean asked = false;
        for (String option = parser.nextFieldName(); option != null; option = parser.nextFieldName()) {
            if (!options.add(option)) {
                throw MalformedBody.duplicate("stream_options." + option);
            }
            JsonToken value = parser.nextToken();
            if (option.equals("include_usage")) {
                asked = true;
                usageOption = value == JsonToken.VALUE_FALSE || value == JsonToken.VALUE_NULL
                        ? new Splice(position() - parser.getTextLength(), position(), "true")
                        : null;
            }
            parser.skipChildren();
        }
        if (!asked) {
            usageOption = new Splice(start, start, INCLUDE_USAGE + (options.isEmpty() ? "" : ","));
        }
    }

    /** The index of the next byte to be read: behind a brace, a word or the quote of a string that has just been read. */
    private int position() {
        return (int) parser.currentLocation().getByteOffset();
    }

    private void modalities() throws IOException {
        int depth = 0;
        do {
            depth += step();
            note(parser.currentToken() == JsonToken.VALUE_STRING && parser.getText().equals("audio"), Trait.AUDIO);
        } while (depth > 0 && parser.nextToken() != null);
    }

    /** The type of each tool; what stands deeper is the caller's own schema. */
    private void tools() throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String type = "";
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                    parser.nextToken();
                    if (name.equals("type")) {
                        type = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
                    }
                    parser.skipChildren();
                }
            }
            parser.skipChildren();
            tool(type);
        }
    }

    /** Of the tools that run upstream, only a search of the web needs nothing that one account keeps. */
    private void tool(String type) {
        boolean function = type.equals("function") || type.equals("custom");
        traits.add(function ? Trait.FUNCTION_TOOL : Trait.HOSTED_TOOL);
        note(!function && !type.startsWith("web_search"), Trait.STORED_OBJECT);
    }

    /** Messages and inputs at any depth: what they refer to outside themselves. */
    private void content() throws IOException {
        int depth = 0;
        do {
            depth += step();
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                note("input_audio".equals(parser.currentName()) || "audio".equals(parser.currentName()), Trait.AUDIO);
            } else if (parser.currentToken() == JsonToken.VALUE_STRING) {
                text();
            } else if (parser.currentToken().isNumeric()) {
                inputChars += CHARS_PER_TOKEN;
            }
        } while (depth > 0 && parser.nextToken() != null);
    }

    /** What is encoded or fetched is not text: it is priced otherwise, and its length says nothing of its tokens. */
    private void text() throws IOException {
        String name = parser.currentName() == null ? "" : parser.currentName();
        switch (name) {
            case "data", "file_data", "url", "image_url", "file_url", "file_id", "type", "role", "id" ->
                reference(name);
            default -> inputChars += characters(position());
        }
    }

    /**
     * Of the string that begins here and has not been read by the parser yet, which will skip it; decoding it would cost
     * several times its length in memory.
     */
    private int characters(int from) {
        int characters = 0;
        for (int i = from; i < body.length && body[i] != '"'; i++) {
            characters += (body[i] & 0xC0) == 0x80 ? 0 : 1;
            if (body[i] == '\\') {
                i += i + 1 < body.length && body[i + 1] == 'u' ? 5 : 1;
            }
        }
        return characters;
    }

    private void reference(String name) throws IOException {
        switch (name) {
            case "file_id" -> traits.add(Trait.STORED_OBJECT);
            case "file_url" -> traits.add(Trait.REMOTE_INPUT);
            case "image_url", "url" -> note(parser.getText().regionMatches(true, 0, "http", 0, 4), Trait.REMOTE_INPUT);
            case "type" -> note(parser.getText().equals("item_reference"), Trait.STORED_OBJECT);
            default -> {
                // Anything else is content.
            }
        }
    }

    /** How the current token changes the depth. */
    private int step() {
        JsonToken token = parser.currentToken();
        return token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }

    private void note(boolean holds, Trait trait) {
        if (holds) {
            traits.add(trait);
        }
    }

    private boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    private boolean isNumber() {
        return parser.currentToken().isNumeric();
    }

    private String text(String field) throws IOException, MalformedBody {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw MalformedBody.wrongType(field, "a string");
        }
        return parser.getText();
    }

    /** A whole number, or the fallback where there is none; the upstream judges the value. */
    private long count(long fallback) throws IOException {
        boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT && parser.getText().length() < 18;
        long count = whole ? parser.getLongValue() : fallback;
        parser.skipChildren();
        return Math.max(fallback, count);
    }

    private boolean flag(String field) throws MalformedBody {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> throw MalformedBody.wrongType(field, "true or false");
        };
    }
}
