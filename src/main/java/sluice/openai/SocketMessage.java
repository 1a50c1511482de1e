package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know about a message that a client sends over a WebSocket.
 *
 * @param type        its type
 * @param eventId     the client's own id for it, or empty
 * @param model       the model that is to answer, or null
 * @param models      every model it names, at any depth
 * @param maxOutput   the most tokens the answer may have, {@link #UNSAID} or {@link #UNBOUNDED}
 * @param lane        the lane it is for, or empty: messages of one lane are answered in order, lanes side by side
 * @param continues   the response that it continues or steers, or empty
 * @param serviceTier the requested service tier; empty for the default
 * @param objects     the ids of stored objects that it names
 */
public record SocketMessage(String type, String eventId, @Nullable String model, List<String> models, long maxOutput,
        String lane, String continues, String serviceTier, Set<String> objects) {
    /** The client sets no limit on the answer. */
    public static final long UNSAID = -1;

    /** The client's limit is not a number of tokens, so the answer may be as long as answers get. */
    public static final long UNBOUNDED = Long.MAX_VALUE;

    private static final JsonFactory JSON = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();

    public SocketMessage {
        models = List.copyOf(models);
    }

    /** Whether it asks a model for an answer, or starts a session whose model listens and answers by itself. */
    public boolean runsModel() {
        return type.equals("response.create") || type.equals("session.start") || steers();
    }

    /** Whether it adds to an answer in progress, which the upstream then ends early and follows with another. */
    public boolean steers() {
        return type.equals("response.steer");
    }

    /**
     * Reads a whole message.
     *
     * @throws MalformedBody if it is not one JSON object with a type, names a field twice, or has more fields or longer
     *         names than any message needs
     */
    public static SocketMessage read(String text) throws MalformedBody {
        try (SocketMessageReader reader = new SocketMessageReader(JSON.createParser(text))) {
            return reader.read();
        } catch (JsonProcessingException e) {
            throw MalformedBody.notJson("it is not valid at character " + e.getLocation().getCharOffset());
        } catch (IOException e) {
            throw MalformedBody.notJson("it cannot be read");
        }
    }
}
