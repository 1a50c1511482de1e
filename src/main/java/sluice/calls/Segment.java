package sluice.calls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A file of the spool, which only grows while it is written, and is read whole. */
final class Segment {

    /**
     * What a file holds.
     *
     * @param torn how many lines cannot be read, such as the last one of a process that was killed
     */
    record Content(List<CallRecord> calls, int torn) {}

    private Segment() {}

    /** The lines of these records. */
    static ByteBuffer lines(List<CallRecord> calls) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(calls.size() * 300);
        for (CallRecord each : calls) {
            CallLine.write(each, lines);
        }
        return ByteBuffer.wrap(lines.toByteArray());
    }

    static Content read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        List<CallRecord> calls = new ArrayList<>();
        int torn = 0;
        int from = 0;
        while (from < bytes.length) {
            int to = from;
            while (to < bytes.length && bytes[to] != '\n') {
                to++;
            }
            int before = calls.size();
            if (to < bytes.length) {
                CallLine.read(bytes, from, to).ifPresent(calls::add);
            }
            torn += before == calls.size() ? 1 : 0;
            from = to + 1;
        }
        return new Content(calls, torn);
    }

    /** A new file for appending, whose name is on disk too. */
    static FileChannel create(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
        return channel;
    }

    /** Appends all of it, on disk when this returns, or nothing. */
    static void append(FileChannel channel, ByteBuffer lines) throws IOException {
        long before = channel.position();
        try {
            while (lines.hasRemaining()) {
                channel.write(lines);
            }
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(before);
            throw e;
        }
    }
}
