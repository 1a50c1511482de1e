package sluice.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Problems and warnings collected while a configuration is read. They are listed in file order, whatever the order of
 * reading, with their line numbers.
 */
final class Findings {

    /** The position of a key that is missing from the whole file. */
    static final int NOWHERE = -1;

    /** One configuration file. Positions in it are counted in code points. */
    private static final class Source {
        private final int number;
        private final String name;
        private final int[] lineEnds;

        /**
         * @param number its place among the files, from 1; 0 before the first
         * @param name   its name in messages; empty for the main file
         */
        Source(int number, String name, String text) {
            this.number = number;
            this.name = name;
            IntStream.Builder ends = IntStream.builder();
            int at = 0;
            for (PrimitiveIterator.OfInt points = text.codePoints().iterator(); points.hasNext(); at++) {
                if (points.nextInt() == '\n') {
                    ends.add(at);
                }
            }
            this.lineEnds = ends.build().toArray();
        }

        int line(int position) {
            int index = Arrays.binarySearch(lineEnds, position);
            return (index < 0 ? ~index : index) + 1;
        }
    }

    private record Found(Source source, int position, String path, String message) {

        String place(@Nullable String name, String named) {
            String file = source.name.isEmpty() ? "" : source.name + ": ";
            String shown = name == null ? path : named;
            return file + shown + (position == NOWHERE ? "" : ", line " + source.line(position));
        }
    }

    /** What all files of one configuration share. */
    private static final class Reading {
        private final List<Found> problems = new ArrayList<>();
        private final List<Found> warnings = new ArrayList<>();
        private final List<Section> sections = new ArrayList<>();
        private final Map<String, String> names = new HashMap<>();
        private int sources;
    }

    private final Interpolation interpolation;
    private final Consumer<Path> files;
    private final KeyObserver keys;
    private final Reading reading;
    private final Source source;

    private Findings(Interpolation interpolation, Consumer<Path> files, KeyObserver keys, Reading reading,
            Source source) {
        this.interpolation = interpolation;
        this.files = files;
        this.keys = keys;
        this.reading = reading;
        this.source = source;
    }

    Findings(Interpolation interpolation) {
        this(interpolation, KeyObserver.NONE);
    }

    Findings(Interpolation interpolation, KeyObserver keys) {
        this(interpolation, file -> {
            // Nothing to change.
        }, keys, new Reading(), new Source(0, "", ""));
    }

    /** @param files called with each file that is read besides the configuration */
    Findings(Interpolation interpolation, Consumer<Path> files) {
        this(interpolation, files, KeyObserver.NONE, new Reading(), new Source(0, "", ""));
    }

    /** The same findings, for this file. */
    Findings in(String name, String text) {
        return new Findings(interpolation, files, keys, reading, new Source(++reading.sources, name, text));
    }

    Interpolation interpolation() {
        return interpolation;
    }

    /** Who learns which keys are looked up. */
    KeyObserver keys() {
        return keys;
    }

    /** Whether secrets and files are not at hand, so that only their form is checked. */
    boolean offline() {
        return interpolation.offline();
    }

    void reads(Path file) {
        files.accept(file);
    }

    /** Names the item at a path, for messages about it. */
    void named(String path, String name) {
        reading.names.put(source.number + path, name);
    }

    void problem(int position, Problem problem) {
        reading.problems.add(new Found(source, position, problem.path(), problem.message()));
    }

    void warning(int position, String path, String message) {
        reading.warnings.add(new Found(source, position, path, message));
    }

    void opened(Section section) {
        reading.sections.add(section);
    }

    /** To be called once every key has been looked up: any other key is unknown. */
    void finish() {
        reading.sections.forEach(Section::refuseUnknownKeys);
    }

    boolean anyProblem() {
        return !reading.problems.isEmpty();
    }

    List<Problem> problems() {
        return inOrder(reading.problems).stream().map(found -> new Problem(place(found), found.message())).toList();
    }

    List<String> warnings() {
        return inOrder(reading.warnings).stream().map(found -> place(found) + ": " + found.message()).toList();
    }

    /** The location of the mapping at a path, such as {@code tenants[37] (search), line 214}. */
    String placeOf(int position, String path) {
        return place(new Found(source, position, path, ""));
    }

    /** For example {@code tenants[37] (search) plan, line 214}. */
    private String place(Found found) {
        int end = found.path().indexOf(']') + 1;
        String item = found.path().substring(0, end);
        String name = end == 0 ? null : reading.names.get(found.source().number + item);
        String rest = found.path().substring(end).replaceFirst("^\\.", " ");
        return found.place(name, item + " (" + name + ")" + rest);
    }

    private static List<Found> inOrder(List<Found> found) {
        return found.stream().sorted(Comparator.<Found>comparingInt(each -> each.source().number)
                .thenComparingInt(Found::position)).toList();
    }
}
