package sluice.yaml;

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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Problems and warnings collected while a configuration is read. They are listed in file order, whatever the order of
 * reading, with their line numbers.
 */
public final class Findings {

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

    private record Found(Source source, Place at, String message) {

        String place(@Nullable String name, String named) {
            String file = source.name.isEmpty() ? "" : source.name + ": ";
            String shown = name == null ? at.path() : named;
            return file + shown + (at.position() == Place.NOWHERE ? "" : ", line " + source.line(at.position()));
        }
    }

    /** What all files of one configuration share. */
    private static final class Reading {
        private final List<Found> problems = new ArrayList<>();
        private final List<Found> warnings = new ArrayList<>();
        private final List<Mapping> mappings = new ArrayList<>();
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

    /** Of a configuration about to be read. */
    public Findings(Interpolation interpolation) {
        this(interpolation, KeyObserver.NONE);
    }

    /** @param keys learns which keys are looked up */
    public Findings(Interpolation interpolation, KeyObserver keys) {
        this(interpolation, file -> {
            // Nobody watches the files.
        }, keys, new Reading(), new Source(0, "", ""));
    }

    /** @param files called with each file that is read besides the configuration */
    public Findings(Interpolation interpolation, Consumer<Path> files) {
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

    /** Names the item here, for messages about it. */
    void named(Place place, String name) {
        reading.names.put(source.number + place.path(), name);
    }

    void problem(Place place, String message) {
        reading.problems.add(new Found(source, place, message));
    }

    void refuse(Place place, String shown, String expected) {
        problem(place, Problem.expected(place.path(), shown, expected).message());
    }

    void warning(Place place, String message) {
        reading.warnings.add(new Found(source, place, message));
    }

    void opened(Mapping mapping) {
        reading.mappings.add(mapping);
    }

    /**
     * Ends the reading. By now every key must have been looked up: any other is unknown.
     *
     * @param document what was read, for the message
     * @throws InvalidConfig if there is any problem
     */
    public void finish(String document) throws InvalidConfig {
        reading.mappings.forEach(Mapping::refuseUnknownKeys);
        if (!reading.problems.isEmpty()) {
            throw new InvalidConfig(document,
                    inOrder(reading.problems).map(found -> new Problem(placeOf(found), found.message())).toList());
        }
    }

    /** Settings that work but should be fixed, in file order. */
    public List<String> warnings() {
        return inOrder(reading.warnings).map(found -> placeOf(found) + ": " + found.message()).toList();
    }

    /** A location for people, such as {@code tenants[37] (search), line 214}. */
    String text(Place place) {
        return placeOf(new Found(source, place, ""));
    }

    /** For example {@code tenants[37] (search) plan, line 214}. */
    private String placeOf(Found found) {
        String path = found.at().path();
        int end = path.indexOf(']') + 1;
        String item = path.substring(0, end);
        String name = end == 0 ? null : reading.names.get(found.source().number + item);
        return found.place(name, item + " (" + name + ")" + path.substring(end).replaceFirst("^\\.", " "));
    }

    private static Stream<Found> inOrder(List<Found> found) {
        return found.stream().sorted(Comparator.<Found>comparingInt(each -> each.source().number)
                .thenComparingInt(each -> each.at().position()));
    }
}
