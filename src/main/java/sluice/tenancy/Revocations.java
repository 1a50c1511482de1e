package sluice.tenancy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The ids of keys that are refused although they are configured. Read on every call, rarely changed. */
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

    /** The ids of all refused keys. */
    public Set<String> all() {
        return Set.copyOf(ids);
    }

    /** Refuses the key from now on, and notifies the watchers once. */
    public void revoke(String id) {
        if (ids.add(id)) {
            watchers.forEach(watcher -> watcher.accept(id));
        }
    }

    /** Accepts the key again. */
    public void restore(String id) {
        ids.remove(id);
    }

    /** Calls the watcher for every key that is revoked. */
    public void watch(Consumer<String> watcher) {
        watchers.add(watcher);
    }
}
