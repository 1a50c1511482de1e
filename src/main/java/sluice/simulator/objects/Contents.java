package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** The kept file contents of all accounts: 64 MiB in total, the oldest evicted first. */
final class Contents {
    private final Shelf<Buffer> kept = new Shelf<>(10_000, 64 * 1024 * 1024);

    void keep(String id, Buffer bytes) {
        kept.put(id, bytes, bytes.length());
    }

    Optional<Buffer> find(String id) {
        return kept.find(id);
    }

    void forget(String id) {
        kept.remove(id);
    }
}
