package sluice.cli;

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
 * Polls files twice a second for changed content, whether written in place, renamed over, or swapped by symbolic link.
 * A change counts once two polls agree, so that a half-written file is not read. Only digests are kept; a file that is
 * too long, a pipe or a device counts as absent; a folder is compared by the names in it.
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
     * Takes the current content as the baseline.
     *
     * @param files   the files to watch; may differ from poll to poll
     * @param changed called on a change, off the event loops
     */
    public FileWatch(Supplier<Collection<Path>> files, Runnable changed) {
        this.files = files;
        this.changed = changed;
        this.last = content();
        this.told = last;
    }

    /**
     * Starts polling, off the event loops; polls never overlap.
     *
     * @return ends it, before Vert.x is closed
     */
    public Runnable start(Vertx vertx) {
        long timer = vertx.setPeriodic(EVERY_MILLIS, now -> {
            if (looking.compareAndSet(false, true)) {
                vertx.executeBlocking(() -> {
                    look();
                    return true;
                }).onFailure(failure -> LOG.error("failed to check files for changes", failure))
                        .onComplete(done -> looking.set(false));
            }
        });
        return () -> vertx.cancelTimer(timer);
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

    /** The content that was reported, plus the current content of files that the change itself added. */
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

    /** The bytes of a file, or the names in a folder. */
    private static byte[] content(Path file) throws IOException {
        if (!Files.isDirectory(file)) {
            return SmallFile.read(file, LONGEST);
        }
        try (Stream<Path> all = Files.list(file)) {
            return all.limit(MOST_FILES).map(each -> each.getFileName() + "\n").sorted().collect(Collectors.joining())
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
