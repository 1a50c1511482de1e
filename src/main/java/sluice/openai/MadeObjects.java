package sluice.openai;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stored objects that an answer says it has made, as its bytes pass: JSON, or events whose data is JSON. Only
 * places that the API fills itself count, so that nothing echoed from the caller does.
 */
public final class MadeObjects {
    private static final int DEEPEST = 4;
    private static final int LONGEST_NAME = 32;

    private final @Nullable StoredRoute route;
    private final Endpoint endpoint;
    private final boolean makes;
    private final boolean onlyOne;
    private boolean found;
    private final BiConsumer<String, String> made;
    /** The names that lead to where the reader is; an array adds {@code []} to its name. */
    private final String[] path = new String[DEEPEST + 1];
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean naming;
    private boolean kept;
    private String name = "";
    /** The kinds of bracket that are open, up to the greatest depth that matters. */
    private final boolean[] arrays = new boolean[DEEPEST + 1];

    /**
     * Starts before the first byte.
     *
     * @param endpoint of the call
     * @param route    where it went; null if that is no collection
     * @param method   by which
     * @param onlyOne  whether nothing more is looked for after the first
     * @param made     takes the kind and id of each
     */
    public MadeObjects(Endpoint endpoint, @Nullable StoredRoute route, String method, boolean onlyOne,
            BiConsumer<String, String> made) {
        this.endpoint = endpoint;
        this.route = route;
        this.makes = method.equals("POST") && route != null && route.makes();
        this.onlyOne = onlyOne;
        this.made = made;
    }

    /** Takes the next piece. */
    public void accept(Buffer piece) {
        Bytes bytes = Bytes.of(piece);
        for (int i = bytes.from; i < bytes.to && !(found && onlyOne); i++) {
            byte b = bytes.array[i];
            if (inString) {
                string(b);
            } else {
                structure(b);
            }
        }
    }

    private void string(byte b) {
        if (escaped) {
            escaped = false;
        } else if (b == '\\') {
            escaped = true;
            kept = false;
        } else if (b == '"') {
            inString = false;
            ended();
        } else if (kept) {
            text.append((char) (b & 0xff));
            kept = text.length() <= (naming ? LONGEST_NAME : ObjectNames.LONGEST);
        }
    }

    private void structure(byte b) {
        switch (b) {
            case '"' -> {
                // Outside of a document there are only lines of events.
                inString = depth > 0;
                text.setLength(0);
                kept = depth <= DEEPEST;
            }
            case '{' -> open(false);
            case '[' -> {
                if (depth > 0) {
                    open(true);
                }
            }
            case '}', ']' -> {
                depth = Math.max(0, depth - 1);
                naming = false;
                name = "";
            }
            case ',' -> {
                naming = depth > 0 && depth <= DEEPEST && !arrays[depth];
                name = naming ? "" : name;
            }
            case ':' -> naming = false;
            default -> {
                // Numbers, words and what is between.
            }
        }
    }

    private void open(boolean array) {
        depth++;
        if (depth <= DEEPEST) {
            String before = depth == 1 ? "" : path[depth - 1];
            String own = depth == 1 ? "" : arrays[depth - 1] ? "[]" : name;
            path[depth] = before.isEmpty() ? own : own.equals("[]") ? before + own : before + "." + own;
            arrays[depth] = array;
        }
        naming = !array;
        name = "";
    }

    private void ended() {
        if (depth > DEEPEST) {
            return;
        }
        String said = kept
                ? new String(text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                : "";
        if (naming) {
            name = said;
        } else if (!said.isEmpty()) {
            String at = path[depth];
            String whole = arrays[depth] ? at + "[]" : at.isEmpty() ? name : at + "." + name;
            String kind = kind(whole);
            if (kind != null) {
                found = true;
                made.accept(kind, said);
            }
        }
    }

    /** What kind of object the value of a field names, if the call has made it; or else null. */
    private @Nullable String kind(String field) {
        return switch (field) {
            case "id" -> makes && endpoint != Endpoint.THREADS_RUNS ? kind() : null;
            case "response.id" -> endpoint == Endpoint.RESPONSES ? "responses" : null;
            case "session.id" -> makes ? kind() : null;
            case "thread_id" -> endpoint == Endpoint.THREADS_RUNS ? "threads" : null;
            case "session_id" -> endpoint == Endpoint.AGENT_INVOCATIONS ? "agents/sessions" : null;
            case "file.id" -> endpoint == Endpoint.UPLOADS ? "files" : null;
            case "output_file_id", "error_file_id" -> endpoint == Endpoint.BATCHES ? "files" : null;
            case "fine_tuned_model" -> ofTraining() ? "models" : null;
            case "result_files[]" -> ofTraining() ? "files" : null;
            case "output[].container_id", "response.output[].container_id", "item.container_id" ->
                endpoint == Endpoint.RESPONSES || endpoint == Endpoint.STORED_RESPONSES ? "containers" : null;
            default -> null;
        };
    }

    private boolean ofTraining() {
        return route != null && route.kind().equals("fine_tuning/jobs");
    }

    private @Nullable String kind() {
        return route == null ? null : route.kind();
    }
}
