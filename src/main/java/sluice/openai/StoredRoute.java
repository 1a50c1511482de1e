package sluice.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a path leads among the objects that an account stores: to a collection, to one of its objects, or to something
 * that belongs to one.
 *
 * @param kind  the path of the collection, without its first slash
 * @param id    of the object, decoded; empty for the collection itself
 * @param below what follows the id, such as {@code content}; empty for nothing
 */
public record StoredRoute(String kind, String id, String below) {
    /** Of two that fit, the first does. */
    private static final List<List<String>> COLLECTIONS = List.of(
            "agents/environments/templates", "agents/environments", "agents/sessions", "agents/automations", "agents",
            "audio/voice_consents", "audio/voices", "chat/completions", "chatkit/threads", "fine_tuning/jobs",
            "fine_tuning/checkpoints", "videos/characters", "videos", "live/sessions", "realtime/calls", "responses",
            "conversations", "assistants", "threads", "containers", "skills", "files", "uploads", "vector_stores",
            "evals", "batches", "models").stream().map(path -> List.of(path.split("/", -1))).toList();
    /** What stands in the place of an id and makes something new. */
    private static final Set<String> DEEDS = Set.of("threads/runs", "videos/edits", "videos/extensions");

    /** All kinds, most of them before those that theirs contain. */
    public static List<String> kinds() {
        return COLLECTIONS.stream().map(segments -> String.join("/", segments)).toList();
    }

    /** Where a target leads; null if that is no collection of stored objects. */
    public static @Nullable StoredRoute of(String target) {
        int question = target.indexOf('?');
        List<String> segments = new ArrayList<>();
        if (PathSegments.split(question < 0 ? target : target.substring(0, question), new ArrayList<>(),
                segments) != null) {
            return null;
        }
        for (List<String> collection : COLLECTIONS) {
            int length = collection.size();
            if (segments.size() >= length && segments.subList(0, length).equals(collection)) {
                return at(String.join("/", collection), segments.subList(length, segments.size()));
            }
        }
        return null;
    }

    private static StoredRoute at(String kind, List<String> rest) {
        if (rest.isEmpty() || (rest.size() == 1 && DEEDS.contains(kind + "/" + rest.getFirst()))) {
            return new StoredRoute(kind, "", rest.isEmpty() ? "" : rest.getFirst());
        }
        return new StoredRoute(kind, PathSegments.text(rest.getFirst()),
                String.join("/", rest.subList(1, rest.size())));
    }

    /** Whether it is a whole collection. */
    public boolean isCollection() {
        return id.isEmpty() && below.isEmpty();
    }

    /** Whether it is one object, and nothing that belongs to it. */
    public boolean isObject() {
        return !id.isEmpty() && below.isEmpty();
    }

    /** Whether a POST to it makes an object of its kind. */
    public boolean makes() {
        return id.isEmpty() || (kind.equals("videos") && below.equals("remix"))
                || (kind.equals("live/sessions") && below.equals("fork"));
    }
}
