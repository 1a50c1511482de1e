package sluice.openai;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sluice.openai.Envelope.Splice;

/** Reads an {@link Envelope} from a body in one pass and keeps nothing else. One instance per body. */
public final class EnvelopeReader {
    /** The most fields of the root object, of which the API has some fifty. */
    private static final int MOST_FIELDS = 1000;

    /** Fields that matter here: a case-insensitive reader must not take other fields for them. */
    private static final NavigableSet<String> JUDGED = judged("model", "stream", "stream_options", "temperature",
            "seed",
            "store", "background", "previous_response_id", "conversation", "web_search_options", "audio", "prompt",
            "max_tokens", "max_completion_tokens", "max_output_tokens", "n", "best_of", "modalities", "tools",
            "service_tier",
            "functions", "messages", "input", "instructions", "prompt_cache_options");

    /** The same, to be found at once. */
    private static final Set<String> SPELLINGS = Set.copyOf(JUDGED);

    private static final String INCLUDE_USAGE = "\"include_usage\":true";
    private static final String USAGE_OPTION = "\"stream_options\":{" + INCLUDE_USAGE + "}";
    private static final String NAMED_MODEL = "\"model\":" + Splice.MODEL;
    /** With other fields behind them. */
    private static final String FIRST_USAGE_OPTION = USAGE_OPTION + ",";
    private static final String FIRST_NAMED_MODEL = NAMED_MODEL + ",";
    private static final String NULL = "null";
    /** In characters; the API itself takes 64. */
    private static final int LONGEST_LABEL = 512;

    private final JsonTokens tokens;
    private final Endpoint endpoint;
    private final ObjectNames objects = new ObjectNames();
    private final NamedModels others;
    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private final ContentReader content;
    private final Set<String> seen = new HashSet<>();
    private @Nullable String model;
    private boolean stream;
    private @Nullable Splice modelEdit;
    private @Nullable Splice usageOption;
    private boolean streamOptions;
    private long maxOutput = -1;
    private long choices = 1;
    private String serviceTier = "";
    private String user = "";
    private String safetyIdentifier = "";
    private String cacheKey = "";

    private EnvelopeReader(JsonTokens tokens, Endpoint endpoint) {
        this.tokens = tokens;
        this.endpoint = endpoint;
        this.others = new NamedModels(tokens, objects);
        this.content = new ContentReader(tokens, others, traits);
    }

    private static NavigableSet<String> judged(String... names) {
        NavigableSet<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(List.of(names));
        return set;
    }

    /**
     * Reads a whole body.
     *
     * @param endpoint where it goes, since a field may mean different things on different routes
     * @throws MalformedBody if it is not one JSON object in UTF-8, has more structure than any call needs, names a
     *         field twice, or gives a field that matters here a value of the wrong type
     */
    public static Envelope read(byte[] body, Endpoint endpoint) throws MalformedBody {
        if (!startsLikeUtf8(body)) {
            throw MalformedBody.notJson("it is not in UTF-8");
        }
        return read(() -> JsonTokens.read(body, tokens -> new EnvelopeReader(tokens, endpoint).object()));
    }

    /** As {@link #read}, without the fast reader. */
    static Envelope readAny(byte[] body, Endpoint endpoint) throws MalformedBody {
        return read(() -> JsonTokens.readAny(body, tokens -> new EnvelopeReader(tokens, endpoint).object()));
    }

    private interface Attempt {
        Envelope read() throws IOException, MalformedBody;
    }

    private static Envelope read(Attempt attempt) throws MalformedBody {
        try {
            return attempt.read();
        } catch (StreamConstraintsException e) {
            throw MalformedBody.tooComplex("it may be " + JsonTokens.DEEPEST + " levels deep, its names "
                    + JsonTokens.LONGEST_NAME + " and its numbers " + JsonTokens.LONGEST_NUMBER + " characters long");
        } catch (JsonParseException e) {
            throw MalformedBody.notJson("it is not valid at byte " + e.getLocation().getByteOffset());
        } catch (IOException e) {
            throw MalformedBody.notJson("it is not in UTF-8");
        }
    }

    /** The parser would also accept UTF-16 and UTF-32, which the upstream may interpret differently. */
    private static boolean startsLikeUtf8(byte[] body) {
        return body.length < 2 || (body[0] > 0 && body[1] != 0);
    }

    private Envelope object() throws IOException, MalformedBody {
        if (tokens.next() != JsonToken.START_OBJECT) {
            throw MalformedBody.notJson("it is not an object");
        }
        int start = tokens.position();
        for (String field = tokens.nextField(); field != null; field = tokens.nextField()) {
            judgeName(field);
            tokens.next();
            field(field);
            tokens.skip();
        }
        if (tokens.next() != null) {
            throw MalformedBody.notJson("something follows its end");
        }
        boolean empty = seen.isEmpty();
        if (!streamOptions) {
            usageOption = new Splice(start, start, empty ? USAGE_OPTION : FIRST_USAGE_OPTION);
        }
        if (modelEdit == null) {
            modelEdit = new Splice(start, start, empty ? NAMED_MODEL : FIRST_NAMED_MODEL);
        }
        return new Envelope(model, modelEdit, others.all(), stream, usageOption, content.characters(), maxOutput,
                choices,
                serviceTier, safetyIdentifier.isEmpty() ? user : safetyIdentifier, cacheKey, traits,
                objects.all());
    }

    private void judgeName(String field) throws MalformedBody {
        if (!seen.add(field)) {
            throw MalformedBody.duplicate(field);
        }
        if (seen.size() > MOST_FIELDS) {
            throw MalformedBody.tooComplex("it has more than " + MOST_FIELDS + " fields at its top");
        }
        if (SPELLINGS.contains(field)) {
            return;
        }
        String meant = JUDGED.floor(field);
        if (meant != null && meant.equalsIgnoreCase(field) && !meant.equals(field) && matters(meant)) {
            throw MalformedBody.otherSpelling(field, meant);
        }
    }

    /** Whether a field decides something on this route: elsewhere it is another one of the same name, or none. */
    private boolean matters(String field) {
        return switch (field) {
            case "stream" -> endpoint.streamEnd() != StreamEnd.NONE;
            case "store" -> endpoint == Endpoint.CHAT_COMPLETIONS || endpoint == Endpoint.RESPONSES;
            case "background" -> endpoint == Endpoint.RESPONSES;
            default -> true;
        };
    }

    /** Records what a field says; the caller skips whatever is left unread. */
    private void field(String name) throws IOException, MalformedBody {
        if (!matters(name)) {
            others.readField(name);
            return;
        }
        switch (name) {
            case "model" -> model();
            case "stream" -> stream = flag(name);
            case "stream_options" -> streamOptions();
            case "temperature" -> note(tokens.value().isNumeric() && tokens.number() == 0, Trait.TEMPERATURE_ZERO);
            case "seed" -> note(!isNull(), Trait.SEED);
            case "service_tier" -> serviceTier = tokens.isText() ? ServiceTier.asked(tokens.text()) : "";
            case "user" -> user = label(name);
            case "safety_identifier" -> safetyIdentifier = label(name);
            case "prompt_cache_key" -> cacheKey = label(name);
            case "store" -> note(!isNull(), flag(name) ? Trait.STORE : Trait.NO_STORE);
            case "background" -> note(flag(name), Trait.BACKGROUND);
            case "previous_response_id", "conversation" -> {
                note(!isNull(), Trait.STORED_OBJECT);
                others.read(name);
            }
            case "web_search_options" -> note(!isNull(), Trait.HOSTED_TOOL);
            case "audio" -> {
                note(!isNull(), Trait.AUDIO);
                others.read(name);
            }
            case "prompt" -> {
                note(tokens.value() == JsonToken.START_OBJECT, Trait.STORED_OBJECT);
                content.read();
            }
            case "max_tokens", "max_completion_tokens", "max_output_tokens" ->
                maxOutput = Math.max(maxOutput, count(-1));
            case "n", "best_of" -> choices = Math.max(choices, count(1));
            case "prompt_cache_options" -> promptCacheOptions();
            case "modalities" -> modalities();
            case "tools" -> tools();
            case "functions" -> note(!isNull(), Trait.FUNCTION_TOOL);
            case "messages", "input", "instructions", "content", "items", "additional_messages", "events" ->
                content.read();
            default -> others.readField(name);
        }
    }

    /** Decides nothing; unusual values are left for the upstream to reject. */
    private String label(String field) throws IOException, MalformedBody {
        if (!tokens.isText()) {
            others.readField(field);
            return "";
        }
        return tokens.characters(LONGEST_LABEL + 1) > LONGEST_LABEL ? "" : tokens.text();
    }

    /** Works out how to request usage; a value of the wrong type is left for the upstream to reject. */
    private void streamOptions() throws IOException, MalformedBody {
        streamOptions = true;
        if (isNull()) {
            usageOption = new Splice(tokens.position() - NULL.length(), tokens.position(), "{" + INCLUDE_USAGE + "}");
        }
        if (tokens.value() != JsonToken.START_OBJECT) {
            return;
        }
        int start = tokens.position();
        Set<String> options = new HashSet<>();
        boolean asked = false;
        for (String option = tokens.nextField(); option != null; option = tokens.nextField()) {
            if (!options.add(option)) {
                throw MalformedBody.duplicate("stream_options." + option);
            }
            if (options.size() > MOST_FIELDS) {
                throw MalformedBody.tooComplex("stream_options has more than " + MOST_FIELDS + " fields");
            }
            JsonToken value = tokens.next();
            if (option.equals("include_usage")) {
                asked = true;
                usageOption = value == JsonToken.VALUE_FALSE || value == JsonToken.VALUE_NULL
                        ? new Splice(tokens.position() - tokens.length(), tokens.position(), "true")
                        : null;
            }
            tokens.skip();
        }
        if (!asked) {
            usageOption = new Splice(start, start, INCLUDE_USAGE + (options.isEmpty() ? "" : ","));
        }
    }

    private void promptCacheOptions() throws IOException, MalformedBody {
        if (tokens.value() != JsonToken.START_OBJECT) {
            return;
        }
        for (String option = tokens.nextField(); option != null; option = tokens.nextField()) {
            JsonToken value = tokens.next();
            note(option.equals("prewarm") && value != JsonToken.VALUE_FALSE && value != JsonToken.VALUE_NULL,
                    Trait.PROMPT_CACHE_WORK);
            if (option.equals("comparison_response_id") && value != JsonToken.VALUE_NULL) {
                traits.add(Trait.PROMPT_CACHE_WORK);
                traits.add(Trait.STORED_OBJECT);
                others.object();
            }
            tokens.skip();
        }
    }

    private void modalities() throws IOException, MalformedBody {
        int depth = 0;
        do {
            depth += tokens.step();
            note(tokens.isText() && tokens.text().equals("audio"), Trait.AUDIO);
        } while (depth > 0 && tokens.next() != null);
    }

    /** Reads the type of each tool and the models it names; the caller's own schemas are ignored. */
    private void tools() throws IOException, MalformedBody {
        if (tokens.value() != JsonToken.START_ARRAY) {
            others.read("tools");
            return;
        }
        while (tokens.next() != JsonToken.END_ARRAY) {
            String type = "";
            if (tokens.value() == JsonToken.START_OBJECT) {
                for (String name = tokens.nextField(); name != null; name = tokens.nextField()) {
                    tokens.next();
                    if (name.equals("type")) {
                        type = tokens.isText() ? tokens.text() : "";
                        tokens.skip();
                    } else {
                        others.readField(name);
                    }
                }
            } else {
                others.read("tools");
            }
            tool(type);
        }
    }

    /** Of the hosted tools, only web search needs nothing stored in an account. */
    private void tool(String type) {
        boolean function = type.equals("function") || type.equals("custom");
        traits.add(function ? Trait.FUNCTION_TOOL : Trait.HOSTED_TOOL);
        note(!function && !type.startsWith("web_search"), Trait.STORED_OBJECT);
    }

    private void note(boolean holds, Trait trait) {
        if (holds) {
            traits.add(trait);
        }
    }

    private boolean isNull() {
        return tokens.isNull();
    }

    private void model() throws IOException, MalformedBody {
        if (isNull()) {
            modelEdit = new Splice(tokens.position() - NULL.length(), tokens.position(), Splice.MODEL);
        } else if (tokens.isText()) {
            model = NamedModels.text(tokens, "model");
        } else {
            throw MalformedBody.wrongType("model", "a string");
        }
    }

    /** Anything but a whole number above 0 may mean anything to the upstream, and counts as the largest. */
    private long count(long unsaid) throws IOException {
        if (isNull()) {
            return unsaid;
        }
        long count = tokens.wholeNumber();
        return count < 1 ? TokenEstimate.MOST : Math.min(count, TokenEstimate.MOST);
    }

    private boolean flag(String field) throws MalformedBody {
        return switch (tokens.value()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> throw MalformedBody.wrongType(field, "true or false");
        };
    }
}
