package sluice.calls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records on disk, in a folder of this process, while the database is away. They leave it in the order in which they
 * came, a file at a time. Used on the ledger's own thread; its sizes may be read on any.
 */
final class Spool implements AutoCloseable {
    private static final String END = ".calls";
    private static final long LARGEST_SEGMENT = 4 << 20;
    private static final int SEGMENTS = 8;

    /** What all files hold, read in one piece by other threads. */
    private record Size(long bytes, long records) {}

    /** A file that is complete. */
    private record Kept(Path file, long bytes, long records) {}

    /** A file that grows. */
    private static final class Growing {
        private final Path file;
        private final FileChannel channel;
        private long bytes;
        private long records;

        Growing(Path file) throws IOException {
            this.file = file;
            this.channel = Segment.create(file);
        }
    }

    private final Path folder;
    private final long maxBytes;
    private final Deque<Kept> files = new ArrayDeque<>();
    private @Nullable FileChannel lock;
    private @Nullable Growing growing;
    private long number;
    private volatile Size size = new Size(0, 0);
    private final AtomicLong torn = new AtomicLong();
    private volatile long oldestMillis;

    Spool(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    /**
     * Picks up what an earlier process left, if anything.
     *
     * @throws IOException if it cannot be read
     */
    void takeUp() throws IOException {
        if (Files.isDirectory(folder)) {
            open();
        }
    }

    /** Only one process uses a folder: of two, the later one would read what the other is writing. */
    private void open() throws IOException {
        if (lock != null) {
            return;
        }
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            FileLock held = channel.tryLock();
            if (held == null) {
                throw new IOException("another process uses it");
            }
            scan();
            lock = channel;
        } catch (OverlappingFileLockException sameProcess) {
            throw new IOException("another gateway uses it", sameProcess);
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
    }

    private void scan() throws IOException {
        List<Path> found;
        try (Stream<Path> all = Files.list(folder)) {
            found = all.filter(file -> file.getFileName().toString().endsWith(END)).sorted().toList();
        }
        files.clear();
        for (Path file : found) {
            Segment.Content content = Segment.read(file);
            torn.addAndGet(content.torn());
            String name = file.getFileName().toString();
            number = Math.max(number, numberOf(name.substring(0, name.length() - END.length())));
            files.add(new Kept(file, Files.size(file), content.calls().size()));
        }
        count();
    }

    private static long numberOf(String name) {
        return name.matches("[0-9]{1,18}") ? Long.parseLong(name) : 0;
    }

    /**
     * Adds records, on disk when this returns.
     *
     * @return whether there was room
     * @throws IOException if they cannot be written
     */
    boolean add(List<CallRecord> calls) throws IOException {
        open();
        ByteBuffer lines = Segment.lines(calls);
        int length = lines.remaining();
        if (size.bytes() + length > maxBytes) {
            return false;
        }
        Growing to = growing;
        if (to == null) {
            to = new Growing(folder.resolve("%012d%s".formatted(++number, END)));
            growing = to;
        }
        try {
            Segment.append(to.channel, lines);
        } catch (IOException e) {
            abandon(to);
            throw e;
        }
        if (size.records() == 0) {
            oldestMillis = calls.getFirst().endedAtMillis();
        }
        to.bytes += length;
        to.records += calls.size();
        count();
        if (to.bytes >= Math.min(LARGEST_SEGMENT, maxBytes / SEGMENTS)) {
            finish();
        }
        return true;
    }

    /** Nothing more is added to a file whose disk is full; an empty one is removed. */
    private void abandon(Growing file) throws IOException {
        if (file.records > 0) {
            finish();
            return;
        }
        growing = null;
        try {
            file.channel.close();
        } finally {
            Files.deleteIfExists(file.file);
        }
    }

    private void finish() throws IOException {
        Growing done = growing;
        if (done != null) {
            growing = null;
            files.add(new Kept(done.file, done.bytes, done.records));
            done.channel.close();
        }
    }

    boolean isEmpty() {
        return files.isEmpty() && growing == null;
    }

    /** The records of the oldest file; {@link #removeOldest} follows when they are written elsewhere. */
    List<CallRecord> oldest() throws IOException {
        if (files.isEmpty()) {
            finish();
        }
        Kept oldest = files.peek();
        if (oldest == null) {
            return List.of();
        }
        List<CallRecord> calls = Segment.read(oldest.file()).calls();
        if (!calls.isEmpty()) {
            oldestMillis = calls.getFirst().endedAtMillis();
        }
        return calls;
    }

    /** Leaves the oldest file in place, for inspection. */
    void passOver() {
        files.poll();
        count();
    }

    /** The next process finds a file that cannot be removed, and writes none of it twice. */
    void removeOldest() throws IOException {
        Kept oldest = files.remove();
        count();
        Files.deleteIfExists(oldest.file());
    }

    private void count() {
        Growing open = growing;
        size = new Size(files.stream().mapToLong(Kept::bytes).sum() + (open == null ? 0 : open.bytes),
                files.stream().mapToLong(Kept::records).sum() + (open == null ? 0 : open.records));
    }

    long bytes() {
        return size.bytes();
    }

    long records() {
        return size.records();
    }

    /** Lines that could not be read. */
    long torn() {
        return torn.get();
    }

    /** When the oldest record was made; meaningless if there is none. */
    long oldestMillis() {
        return oldestMillis;
    }

    @Override
    public void close() throws IOException {
        try {
            finish();
        } finally {
            if (lock != null) {
                lock.close();
                lock = null;
            }
        }
    }
}
