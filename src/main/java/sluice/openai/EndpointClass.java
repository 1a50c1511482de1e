package sluice.openai;

import java.util.Locale;

/** A family of routes that do the same kind of thing, granted to tenants by name. */
public enum EndpointClass {
    /** Calls that run a model now, and the list of models. */
    INFERENCE,
    /** What the account stores from calls: responses, conversations, assistants, videos, containers, skills. */
    STORED_OBJECTS,
    /** Files, uploads, and the vector stores made from them. */
    FILES,
    /** Training and grading: fine-tuning, checkpoints, evals; deleting a model. */
    FINE_TUNING,
    /** Calls submitted as a file, answered within a day. */
    BATCH,
    /** Speech over a WebSocket that passes through the gateway. */
    REALTIME,
    /** Routes that hand out upstream credentials or let media bypass the gateway. */
    REALTIME_DIRECT,
    /** The organization itself: its projects, keys, users, costs. */
    ADMIN,
    /** Routes that are newer than the table. */
    OTHER;

    /** Its name in the configuration. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it shows what the account stores to every tenant of the account that may use it. */
    public boolean showsStoredObjects() {
        return switch (this) {
            case STORED_OBJECTS, FILES, FINE_TUNING, BATCH, ADMIN, OTHER -> true;
            case INFERENCE, REALTIME, REALTIME_DIRECT -> false;
        };
    }

    /** Whether {@code *} grants it; a class that reaches beyond the gateway must be granted by name. */
    public boolean byWildcard() {
        return this != ADMIN && this != REALTIME_DIRECT;
    }

    /** Whether it may run models that no field of the call names, so that a model allow-list cannot restrict it. */
    public boolean mayRunAnyModel() {
        return switch (this) {
            case FINE_TUNING, BATCH, REALTIME_DIRECT, ADMIN, OTHER -> true;
            case INFERENCE, STORED_OBJECTS, FILES, REALTIME -> false;
        };
    }
}
