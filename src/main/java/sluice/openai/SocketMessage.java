package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know of a message that a client sends over a WebSocket.
 *
 * @param type      what it is
 * @param eventId   the client's own id of it, or empty
 * @param model     the model that it says is to answer, or null
 * @param models    every model that it names, wherever that stands
 * @param maxOutput the most tokens that the answer may have, {@link #UNSAID} or {@link #UNBOUNDED}
 */
public record SocketMessage(String type, String eventId, @Nullable String model, List<String> models, long maxOutput) {
    /** The client does not say how long the answer may be. */
    public static final long UNSAID = -1;

    /** It says what is no number of tokens, so that the answer may be as long as answers can be. */
    public static final long UNBOUNDED = Long.MAX_VALUE;

    private static final JsonFactory JSON = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();

    public SocketMessage {
        models = List.copyOf(models);
    }

    /** Whether it asks for an answer of a model. */
    public boolean runsModel() {
        return type.equals("response.create");
    }

    /**
     * Reads a whole message.
     *
     * @throws MalformedBody if it is not one JSON object with a type, names any field twice, or has more fields or longer
     *                       names than any message needs
     */
    public static SocketMessage read(String text) throws MalformedBody {
        try (SocketMessageReader reader = new SocketMessageReader(JSON.createParser(text))) {
            return reader.read();
        } catch (JsonProcessingException e) {
            throw MalformedBody.notJson(e.getOriginalMessage());
        } catch (IOException e) {
            throw MalformedBody.notJson("it cannot be read");
        }
    }
}
