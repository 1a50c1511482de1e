package sluice;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Looks twice a second whether the content of files has changed, however it came to be: written in place, renamed over, or
 * by the swap of a symbolic link. A change counts when two looks have seen the same, so that a file that is being written
 * is not read by halves.
 */
final class FileWatch {
    private static final long EVERY_MILLIS = 500;
    private static final byte[] ABSENT = {};

    private final Supplier<Collection<Path>> files;
    private final Runnable changed;
    private Map<Path, byte[]> last;
    private Map<Path, byte[]> told;

    /**
     * Has seen what is there now.
     *
     * @param files   to look at; may be others each time
     * @param changed is told of a change, off the event loops
     */
    FileWatch(Supplier<Collection<Path>> files, Runnable changed) {
        this.files = files;
        this.changed = changed;
        this.last = content();
        this.told = last;
    }

    /** Looks from now on, off the event loops. */
    void start(Vertx vertx) {
        vertx.setPeriodic(EVERY_MILLIS, now -> vertx.executeBlocking(() -> {
            look();
            return true;
        }));
    }

    synchronized void look() {
        Map<Path, byte[]> now = content();
        boolean settled = same(now, last);
        last = now;
        if (settled && !same(now, told)) {
            changed.run();
            last = content();
            told = told(now);
        }
    }

    /** What was told, and of files that only the change has brought what they hold since. */
    private Map<Path, byte[]> told(Map<Path, byte[]> seen) {
        Map<Path, byte[]> all = new LinkedHashMap<>(last);
        seen.forEach((file, content) -> all.computeIfPresent(file, (path, since) -> content));
        return all;
    }

    private Map<Path, byte[]> content() {
        Map<Path, byte[]> content = new LinkedHashMap<>();
        files.get().forEach(file -> content.put(file, read(file)));
        return content;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException absent) {
            return ABSENT;
        }
    }

    private static boolean same(Map<Path, byte[]> one, Map<Path, byte[]> other) {
        Set<Path> names = one.keySet();
        return names.equals(other.keySet())
                && names.stream().allMatch(file -> Arrays.equals(one.get(file), other.get(file)));
    }
}
