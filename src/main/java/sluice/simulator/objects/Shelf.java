package sluice.simulator.objects;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Objects of one kind by id. Bounded: the oldest make room for the newest. */
final class Shelf<T> {
    private static final int OBJECTS_MAX = 1000;
    private static final long BYTES_MAX = 16 * 1024 * 1024;

    private record Held<T>(T object, long bytes) {}

    private final Map<String, Held<T>> held = new LinkedHashMap<>();
    private final int objectsMax;
    private final long bytesMax;
    private long bytes;

    Shelf() {
        this(OBJECTS_MAX, BYTES_MAX);
    }

    Shelf(int objectsMax, long bytesMax) {
        this.objectsMax = objectsMax;
        this.bytesMax = bytesMax;
    }

    /**
     * Adds an object, or replaces one.
     *
     * @param weight its approximate size in bytes
     */
    void put(String id, T object, long weight) {
        remove(id);
        held.put(id, new Held<>(object, weight));
        bytes += weight;
        while (held.size() > objectsMax || bytes > bytesMax) {
            remove(held.keySet().iterator().next());
        }
    }

    Optional<T> find(String id) {
        return Optional.ofNullable(held.get(id)).map(Held::object);
    }

    /** Removes an object, if present. */
    Optional<T> remove(String id) {
        Optional<Held<T>> removed = Optional.ofNullable(held.remove(id));
        removed.ifPresent(gone -> bytes -= gone.bytes());
        return removed.map(Held::object);
    }

    /** All objects whose ids begin with this, newest first. */
    List<T> all(String prefix) {
        List<T> all = new ArrayList<>();
        held.forEach((id, one) -> {
            if (id.startsWith(prefix)) {
                all.add(one.object());
            }
        });
        return all.reversed();
    }
}
