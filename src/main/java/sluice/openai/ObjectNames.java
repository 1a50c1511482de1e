package sluice.openai;

import java.util.LinkedHashSet;
import java.util.Set;

/** The fields of a body that name a stored object, and the ids that one body names. */
final class ObjectNames {
    /** The most ids of one body, each of which has to be looked up. A batch of files names some thousands. */
    private static final int MOST = 4_096;
    /** No id is longer. */
    static final int LONGEST = 160;

    /** A text, or texts in an array. */
    private static final Set<String> FIELDS = Set.of("file_id", "file_ids", "input_file_id", "training_file",
            "validation_file", "previous_response_id", "comparison_response_id", "response_id", "conversation",
            "conversation_id", "vector_store_id", "vector_store_ids", "container", "container_id", "skill_id",
            "assistant_id", "thread_id", "agent_id", "session_id", "environment_id", "environment_template_id",
            "automation_id", "video", "video_id", "character_id", "consent", "voice_id", "upload_id", "batch_id",
            "eval_id");
    /** An object whose {@code id} is one. */
    private static final Set<String> OWNERS = Set.of("conversation", "container", "video", "character", "voice", "file",
            "source", "characters");

    private final Set<String> ids = new LinkedHashSet<>();

    /** Whether a text in a field of this name is an id. */
    static boolean isOne(String field) {
        return FIELDS.contains(field);
    }

    /** Whether the {@code id} of an object in a field of this name is one. */
    static boolean hasOne(String field) {
        return OWNERS.contains(field);
    }

    /** Takes an id; an empty one names nothing. */
    void add(String id) throws MalformedBody {
        if (!id.isEmpty()) {
            ids.add(id);
        }
        if (ids.size() > MOST) {
            throw MalformedBody.tooComplex("it names more than " + MOST + " objects");
        }
    }

    /** All of them. */
    Set<String> all() {
        return ids.isEmpty() ? Set.of() : ids;
    }
}
