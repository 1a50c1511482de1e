package sluice.config;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.net.SmallFile;

/**
 * Looks twice a second whether the content of files has changed, however it came to be: written in place, renamed over, or
 * by the swap of a symbolic link. A change counts when two looks have seen the same, so that a file that is being written
 * is not read by halves. Of a file only the digest is kept; what is too long, a pipe or a device counts as absent, and a folder by the names in it.
 */
public final class FileWatch {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final long EVERY_MILLIS = 500;
    private static final int LONGEST = 16 << 20;
    private static final int MOST_FILES = 20_000;
    private static final ByteBuffer UNREADABLE = ByteBuffer.allocate(0);

    private final Supplier<Collection<Path>> files;
    private final Runnable changed;
    private final AtomicBoolean looking = new AtomicBoolean();
    private Map<Path, ByteBuffer> last;
    private Map<Path, ByteBuffer> told;

    /**
     * Has seen what is there now.
     *
     * @param files   to look at; may be others each time
     * @param changed is told of a change, off the event loops
     */
    public FileWatch(Supplier<Collection<Path>> files, Runnable changed) {
        this.files = files;
        this.changed = changed;
        this.last = content();
        this.told = last;
    }

    /** Looks from now on, off the event loops; while a look takes long, no other begins. */
    public void start(Vertx vertx) {
        vertx.setPeriodic(EVERY_MILLIS, now -> {
            if (looking.compareAndSet(false, true)) {
                vertx.executeBlocking(() -> {
                    look();
                    return true;
                }).onFailure(failure -> LOG.error("a change of files could not be followed", failure))
                        .onComplete(done -> looking.set(false));
            }
        });
    }

    synchronized void look() {
        Map<Path, ByteBuffer> now = content();
        boolean settled = now.equals(last);
        last = now;
        if (settled && !now.equals(told)) {
            try {
                changed.run();
            } finally {
                last = content();
                told = told(now);
            }
        }
    }

    /** What was told, and of files that only the change has brought what they hold since. */
    private Map<Path, ByteBuffer> told(Map<Path, ByteBuffer> seen) {
        Map<Path, ByteBuffer> all = new LinkedHashMap<>(last);
        seen.forEach((file, content) -> all.computeIfPresent(file, (path, since) -> content));
        return all;
    }

    private Map<Path, ByteBuffer> content() {
        Map<Path, ByteBuffer> content = new LinkedHashMap<>();
        files.get().forEach(file -> content.put(file, read(file)));
        return content;
    }

    /** Of a folder, the names of what is in it. */
    private static byte[] content(Path file) throws IOException {
        if (!Files.isDirectory(file)) {
            return SmallFile.read(file, LONGEST);
        }
        try (Stream<Path> all = Files.list(file)) {
            return all.map(each -> each.getFileName() + "\n").sorted().limit(MOST_FILES).collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    private static ByteBuffer read(Path file) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(content(file)));
        } catch (IOException absent) {
            return UNREADABLE;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
