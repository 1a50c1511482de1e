package sluice.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What comes to light while one configuration is read: problems, warnings, and the keys that were asked for. Both lists
 * come out in the order of the file, whatever the order of reading.
 */
final class Findings {
    private final Interpolation interpolation;
    private final Consumer<Path> files;
    private final List<Found<Problem>> problems = new ArrayList<>();
    private final List<Found<String>> warnings = new ArrayList<>();
    private final Set<String> askedShapes = new TreeSet<>();
    private final Set<String> foundShapes = new TreeSet<>();
    private final List<Section> sections = new ArrayList<>();

    Findings(Interpolation interpolation) {
        this(interpolation, file -> {
            // Nobody wants to know.
        });
    }

    /** @param files is told each file beside the configuration that is read */
    Findings(Interpolation interpolation, Consumer<Path> files) {
        this.interpolation = interpolation;
        this.files = files;
    }

    Interpolation interpolation() {
        return interpolation;
    }

    void reads(Path file) {
        files.accept(file);
    }

    void problem(int position, Problem problem) {
        problems.add(new Found<>(position, problem));
    }

    void warning(int position, String path, String message) {
        warnings.add(new Found<>(position, path + ": " + message));
    }

    void opened(Section section) {
        sections.add(section);
    }

    void asked(String shape, boolean found) {
        askedShapes.add(shape);
        if (found) {
            foundShapes.add(shape);
        }
    }

    /** To be called when everything has been asked for: whatever was not is unknown. */
    void finish() {
        sections.forEach(Section::refuseUnknownKeys);
    }

    boolean anyProblem() {
        return !problems.isEmpty();
    }

    List<Problem> problems() {
        return inOrder(problems);
    }

    List<String> warnings() {
        return inOrder(warnings);
    }

    /** Every key that was asked for and stood nowhere, as {@code tenants[].rpm} or {@code plans.*.rpm}. */
    Set<String> absentShapes() {
        Set<String> absent = new TreeSet<>(askedShapes);
        absent.removeAll(foundShapes);
        return absent;
    }

    private static <T> List<T> inOrder(List<Found<T>> found) {
        return found.stream().sorted(Comparator.comparingInt(Found::position)).map(Found::what).toList();
    }

    private record Found<T>(int position, T what) {}
}
