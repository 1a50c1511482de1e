package sluice.tenancy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The keys, by their ids, that are refused though they stand in the configuration. Read on every call, seldom changed. */
public final class Revocations {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final List<Consumer<String>> watchers = new CopyOnWriteArrayList<>();

    /** Starts with the keys that were revoked earlier. */
    public Revocations(Set<String> revoked) {
        ids.addAll(revoked);
    }

    /** Whether the key with this id is refused. */
    public boolean has(String id) {
        return !ids.isEmpty() && ids.contains(id);
    }

    /** All of them. */
    public Set<String> all() {
        return Set.copyOf(ids);
    }

    /** From now on the key is refused, and who watches is told, once. */
    public void revoke(String id) {
        if (ids.add(id)) {
            watchers.forEach(watcher -> watcher.accept(id));
        }
    }

    /** The key is taken again. */
    public void restore(String id) {
        ids.remove(id);
    }

    /** Is told of every key that is revoked. */
    public void watch(Consumer<String> watcher) {
        watchers.add(watcher);
    }
}
