package sluice.openai;

import java.util.Locale;

/** What a tenant is granted by name: a family of routes that let it do the same sort of thing. */
public enum EndpointClass {
    /** Calls that run a model now, and the list of models. */
    INFERENCE,
    /** What the account keeps of calls: responses, conversations, assistants, videos, containers, skills. */
    STORED_OBJECTS,
    /** Files, uploads, and the vector stores made of them. */
    FILES,
    /** Training and grading: fine-tuning, checkpoints, evals; deleting a model. */
    FINE_TUNING,
    /** Calls by the file, answered within a day. */
    BATCH,
    /** Speech over a WebSocket that passes through the gateway. */
    REALTIME,
    /** Hands out credentials of the upstream, or lets media bypass the gateway. */
    REALTIME_DIRECT,
    /** The organisation itself: its projects, keys, users, costs. */
    ADMIN,
    /** Routes that are newer than the table. */
    OTHER;

    /** Its name in the configuration. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it shows what the account keeps, to every tenant of the account that may use it. */
    public boolean showsStoredObjects() {
        return switch (this) {
            case STORED_OBJECTS, FILES, FINE_TUNING, BATCH, ADMIN, OTHER -> true;
            case INFERENCE, REALTIME, REALTIME_DIRECT -> false;
        };
    }

    /** Whether {@code *} grants it; what reaches beyond the gateway is granted by its own name only. */
    public boolean byWildcard() {
        return this != ADMIN && this != REALTIME_DIRECT;
    }

    /** Whether it may run models that no field of the call names, so that an allow-list of models does not hold it. */
    public boolean mayRunAnyModel() {
        return switch (this) {
            case FINE_TUNING, BATCH, REALTIME_DIRECT, ADMIN, OTHER -> true;
            case INFERENCE, STORED_OBJECTS, FILES, REALTIME -> false;
        };
    }
}
