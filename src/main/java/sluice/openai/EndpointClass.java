package sluice.openai;

import java.util.Arrays;
import java.util.Locale;
import java.util.NoSuchElementException;

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
    /** Agents that the upstream runs: their sessions, environments and automations, which run models on their own. */
    AGENTS,
    /** Speech over WebSockets that pass through the gateway, and its recordings. */
    REALTIME,
    /** Routes that hand out upstream credentials or let media bypass the gateway. */
    REALTIME_DIRECT,
    /** The organization itself: its projects, keys, users, costs, secrets, webhooks and safety cases. */
    ADMIN,
    /** Routes that are newer than the table. */
    OTHER;

    /** Its name in the configuration. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The class of this name.
     *
     * @throws NoSuchElementException if there is none
     */
    public static EndpointClass of(String key) {
        return Arrays.stream(values()).filter(each -> each.key().equals(key)).findFirst().orElseThrow();
    }

    /** Whether it exposes stored objects of the account. */
    public boolean showsStoredObjects() {
        return switch (this) {
            case STORED_OBJECTS, FILES, FINE_TUNING, BATCH, AGENTS, ADMIN, OTHER -> true;
            case INFERENCE, REALTIME, REALTIME_DIRECT -> false;
        };
    }

    /** Whether each object it exposes belongs to the tenant that made it, and is hidden from all others. */
    public boolean hasOwners() {
        return switch (this) {
            case STORED_OBJECTS, FILES, FINE_TUNING, BATCH, AGENTS -> true;
            case INFERENCE, REALTIME, REALTIME_DIRECT, ADMIN, OTHER -> false;
        };
    }

    /** Whether {@code *} grants it; a class that reaches or acts beyond the gateway must be granted by name. */
    public boolean byWildcard() {
        return this != ADMIN && this != REALTIME_DIRECT && this != AGENTS;
    }

    /** Whether it may run models that no field of the call names, so that a model allow-list cannot restrict it. */
    public boolean mayRunAnyModel() {
        return switch (this) {
            case FINE_TUNING, BATCH, AGENTS, REALTIME_DIRECT, ADMIN, OTHER -> true;
            case INFERENCE, STORED_OBJECTS, FILES, REALTIME -> false;
        };
    }
}
