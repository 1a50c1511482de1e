package sluice.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file whole. Only a regular file is opened; anything else might never end or never begin. */
public final class SmallFile {
    private SmallFile() {}

    /**
     * The whole content.
     *
     * @param most the largest size in bytes
     * @throws NoSuchFileException if there is no such file
     * @throws IOException         with what is wrong and a remedy, without the file's name
     */
    public static byte[] read(Path file, int most) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (Files.isDirectory(file)) {
            throw new Unfit("is a directory", "a file");
        }
        if (!Files.isRegularFile(file)) {
            throw new Unfit("is a pipe or a device", "a regular file");
        }
        if (!Files.isReadable(file)) {
            throw new Unfit("cannot be read", "a file that this user may read");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(most + 1);
            if (content.length > most) {
                throw new Unfit("is larger than " + size(most), "a file of at most " + size(most));
            }
            return content;
        } catch (FileSystemException failed) {
            String reason = failed.getReason();
            throw reason == null ? failed : new Unfit("cannot be read: " + reason, "a file that this process can open");
        }
    }

    private static String size(int bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + "MiB" : (bytes >> 10) + "KiB";
    }

    /** A file that cannot be used as it is. */
    public static final class Unfit extends IOException {
        private static final long serialVersionUID = 1;

        private final String what;
        private final String expected;

        /**
         * @param what     is wrong, as in {@code is a directory}
         * @param expected in its place
         */
        public Unfit(String what, String expected) {
            super(what + " (expected: " + expected + ")");
            this.what = what;
            this.expected = expected;
        }

        /** What is wrong with it. */
        public String what() {
            return what;
        }

        /** What was expected. */
        public String expected() {
            return expected;
        }
    }
}
