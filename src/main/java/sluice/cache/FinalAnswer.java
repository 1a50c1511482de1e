package sluice.cache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/** Checks whether a JSON answer with status 200 is an answer, rather than the report of a failure. */
final class FinalAnswer {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> FAILED = Set.of("failed", "cancelled", "expired");

    private FinalAnswer() {}

    /** Whether it is one whole JSON object that reports no failure. */
    static boolean check(byte[] body) {
        boolean failed = false;
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                failed |= name.equals("error") && value != JsonToken.VALUE_NULL;
                failed |= name.equals("status") && value == JsonToken.VALUE_STRING
                        && FAILED.contains(parser.getText());
                parser.skipChildren();
            }
            return !failed && parser.nextToken() == null;
        } catch (IOException malformed) {
            return false;
        }
    }
}
