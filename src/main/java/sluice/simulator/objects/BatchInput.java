package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The input file of a batch: a request in each line. If any line is invalid, the API runs none of them.
 *
 * @param problems what is wrong, line by line
 */
record BatchInput(List<Request> requests, List<JsonObject> problems) {

    /** One of the requests, by the name that its owner gave it. */
    record Request(String customId, JsonObject body) {}

    /** For a file that was deleted, or was too long to keep. */
    static BatchInput missing() {
        return new BatchInput(List.of(),
                List.of(problem("missing_file", "The input file has no content.", null, null)));
    }

    static BatchInput read(Buffer bytes, String endpoint) {
        Reader reader = new Reader(endpoint);
        bytes.toString().lines().forEach(reader::read);
        if (reader.requests.isEmpty() && reader.problems.isEmpty()) {
            reader.problems.add(problem("empty_file", "The input file is empty.", null, null));
        }
        return new BatchInput(reader.requests, reader.problems);
    }

    private static JsonObject problem(String code, String message, @Nullable String param, @Nullable Integer line) {
        return new JsonObject().put("code", code).put("message", message).put("param", param).put("line", line);
    }

    /** Reads line by line. */
    private static final class Reader {
        private final List<Request> requests = new ArrayList<>();
        private final List<JsonObject> problems = new ArrayList<>();
        private final Set<String> customIds = new HashSet<>();
        private final String endpoint;
        private int number;

        Reader(String endpoint) {
            this.endpoint = endpoint;
        }

        void read(String line) {
            number++;
            if (line.isBlank()) {
                return;
            }
            try {
                read(new JsonObject(line));
            } catch (DecodeException notJson) {
                refuse("invalid_json_line", "This line is not parseable as valid JSON.", null);
            }
        }

        private void read(JsonObject line) {
            if (!(line.getValue("custom_id") instanceof String customId)) {
                refuse("missing_required_parameter", "Missing required parameter: 'custom_id'.", "custom_id");
            } else if (!customIds.add(customId)) {
                refuse("duplicate_custom_id", "The custom_id for this request is a duplicate of another request.",
                        "custom_id");
            } else if (!"POST".equals(line.getValue("method"))) {
                refuse("invalid_method", "The method for this request must be 'POST'.", "method");
            } else if (!endpoint.equals(line.getValue("url"))) {
                refuse("invalid_url", "The URL provided for this request does not match the batch endpoint.", "url");
            } else if (line.getValue("body") instanceof JsonObject body) {
                requests.add(new Request(customId, body));
            } else {
                refuse("missing_required_parameter", "Missing required parameter: 'body'.", "body");
            }
        }

        private void refuse(String code, String message, @Nullable String param) {
            problems.add(problem(code, message, param, number));
        }
    }
}
