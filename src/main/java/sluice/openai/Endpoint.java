package sluice.openai;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The routes of the OpenAI API that are served; everything that is known of a route beforehand stands in its row. */
public enum Endpoint {
    CHAT_COMPLETIONS("POST", "/chat/completions", true, StreamEnd.DONE_LINE), COMPLETIONS("POST", "/completions", true,
            StreamEnd.DONE_LINE), EMBEDDINGS("POST", "/embeddings", true, StreamEnd.NONE), MODERATIONS("POST",
                    "/moderations", true, StreamEnd.NONE), RESPONSES("POST", "/responses", true,
                            StreamEnd.RESPONSE_EVENT), MODELS("GET", "/models", false, StreamEnd.NONE);

    private final String method;
    private final String path;
    private final boolean inference;
    private final StreamEnd streamEnd;

    Endpoint(String method, String path, boolean inference, StreamEnd streamEnd) {
        this.method = method;
        this.path = path;
        this.inference = inference;
        this.streamEnd = streamEnd;
    }

    public String method() {
        return method;
    }

    /** Behind the base URL, beginning with a slash. */
    public String path() {
        return path;
    }

    /** Whether a call runs a model, and so spends the account's quota. */
    public boolean inference() {
        return inference;
    }

    /** How its streams tell that they are whole. */
    public StreamEnd streamEnd() {
        return streamEnd;
    }

    /** The name in metrics and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The model that the API takes where the caller names none, or null where it must be named. */
    public @Nullable String defaultModel() {
        return this == MODERATIONS ? "omni-moderation-latest" : null;
    }
}
