package sluice.yaml;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/** Finds the files named by {@code include}: more lists of tenants, so that each team can maintain its own. */
final class Includes {
    private static final int MOST_FILES = 10_000;
    private static final String EXPECTED = "a pattern relative to this file, such as tenants/*.yaml";

    private Includes() {}

    /**
     * The included files, without duplicates; those that match one pattern are sorted by name.
     *
     * @param folder the folder of the main file; empty if there is none
     */
    static List<Path> of(Section root, Optional<Path> folder) {
        Optional<Entry> include = root.entry("include").filter(entry -> !entry.isNothing());
        List<Path> files = new ArrayList<>();
        include.map(Entry::each).orElse(List.of())
                .forEach(entry -> entry.as(text -> find(entry, text, folder)).ifPresent(files::addAll));
        return files.stream().distinct().toList();
    }

    private static List<Path> find(Entry entry, String text, Optional<Path> folder) throws Unacceptable {
        if (folder.isEmpty() || text.isBlank()) {
            throw new Unacceptable(EXPECTED);
        }
        Path pattern;
        try {
            pattern = folder.get().resolve(text.strip()).normalize();
        } catch (InvalidPathException e) {
            throw new Unacceptable(EXPECTED);
        }
        Path parent = pattern.toAbsolutePath().getParent();
        String glob = String.valueOf(pattern.getFileName());
        if (parent == null || !Files.isDirectory(parent)) {
            throw new Unacceptable(EXPECTED, Redaction.shown(text) + " is not in an existing folder");
        }
        entry.reads(parent);
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> matching = Files.newDirectoryStream(parent, glob)) {
            for (Path file : matching) {
                found.add(file);
                if (found.size() > MOST_FILES) {
                    break;
                }
            }
        } catch (IOException | DirectoryIteratorException | PatternSyntaxException e) {
            throw new Unacceptable(EXPECTED, Redaction.shown(text) + " cannot be searched for");
        }
        if (found.isEmpty() || found.size() > MOST_FILES) {
            throw new Unacceptable("at least one file and at most " + MOST_FILES, Redaction.shown(text) + " matches "
                    + (found.isEmpty() ? "0" : "more than " + MOST_FILES));
        }
        found.sort(null);
        return found;
    }
}
