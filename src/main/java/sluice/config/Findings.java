package sluice.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Problems, warnings and keys collected while a configuration is read. Problems and warnings are listed in file order,
 * whatever the order of reading, with their line numbers.
 */
final class Findings {

    /** The position of a key that is missing from the whole file. */
    static final int NOWHERE = -1;

    /**
     * One configuration file.
     *
     * @param number its place among the files, from 1; 0 before the first
     * @param name   its name in messages; empty for the main file
     */
    private record Source(int number, String name, String text) {

        long line(int position) {
            return text.codePoints().limit(position).filter(each -> each == '\n').count() + 1;
        }
    }

    private record Found(Source source, int position, String path, String message) {

        String place(@Nullable String name, String named) {
            String file = source.name().isEmpty() ? "" : source.name() + ": ";
            String shown = name == null ? path : named;
            return file + shown + (position == NOWHERE ? "" : ", line " + source.line(position));
        }
    }

    /** What all files of one configuration share. */
    private static final class Reading {
        private final List<Found> problems = new ArrayList<>();
        private final List<Found> warnings = new ArrayList<>();
        private final Set<String> askedShapes = new TreeSet<>();
        private final Set<String> foundShapes = new TreeSet<>();
        private final Set<String> requiredShapes = new TreeSet<>();
        private final Set<String> sectionShapes = new TreeSet<>();
        private final Set<String> filledShapes = new TreeSet<>();
        private final Map<String, Set<Map<String, Object>>> forms = new TreeMap<>();
        private final boolean recording;
        private final List<Section> sections = new ArrayList<>();
        private final Map<String, String> names = new HashMap<>();
        private int sources;

        Reading(boolean recording) {
            this.recording = recording;
        }
    }

    private final Interpolation interpolation;
    private final Consumer<Path> files;
    private final Reading reading;
    private final Source source;

    private Findings(Interpolation interpolation, Consumer<Path> files, Reading reading, Source source) {
        this.interpolation = interpolation;
        this.files = files;
        this.reading = reading;
        this.source = source;
    }

    Findings(Interpolation interpolation) {
        this(interpolation, file -> {
            // Nothing to do.
        });
    }

    /** @param files called with each file that is read besides the configuration */
    Findings(Interpolation interpolation, Consumer<Path> files) {
        this(interpolation, files, new Reading(false), new Source(0, "", ""));
    }

    /** Also records the forms of the values read. */
    static Findings recording(Interpolation interpolation) {
        return new Findings(interpolation, file -> {
            // Nothing to do.
        }, new Reading(true), new Source(0, "", ""));
    }

    /** The same findings, for this file. */
    Findings in(String name, String text) {
        return new Findings(interpolation, files, reading, new Source(++reading.sources, name, text));
    }

    Interpolation interpolation() {
        return interpolation;
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
        reading.names.put(source.number() + path, name);
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

    void asked(String shape, boolean found) {
        reading.askedShapes.add(shape);
        if (found) {
            reading.foundShapes.add(shape);
        }
    }

    void required(String shape) {
        reading.requiredShapes.add(shape);
    }

    /** Records a mapping that is read even if absent. */
    void section(String shape) {
        reading.sectionShapes.add(shape);
    }

    /** Records a list that must not be empty. */
    void filled(String shape) {
        reading.filledShapes.add(shape);
    }

    /** Records a form that values of this shape may have. */
    void form(String shape, Supplier<Map<String, Object>> form) {
        if (reading.recording) {
            reading.forms.computeIfAbsent(shape, fresh -> new LinkedHashSet<>()).add(form.get());
        }
    }

    /** Every key that was looked up. */
    Set<String> askedShapes() {
        return reading.askedShapes;
    }

    /** Every key whose absence is a problem. */
    Set<String> requiredShapes() {
        return reading.requiredShapes;
    }

    /** Every mapping that is read even if absent. */
    Set<String> sectionShapes() {
        return reading.sectionShapes;
    }

    /** Every list that must not be empty. */
    Set<String> filledShapes() {
        return reading.filledShapes;
    }

    /** The forms of single values, by the shape of their keys. */
    Map<String, Set<Map<String, Object>>> forms() {
        return reading.forms;
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

    /** For example {@code tenants[37] (search) plan, line 214}. */
    private String place(Found found) {
        int end = found.path().indexOf(']') + 1;
        String item = found.path().substring(0, end);
        String name = end == 0 ? null : reading.names.get(found.source().number() + item);
        String rest = found.path().substring(end).replaceFirst("^\\.", " ");
        return found.place(name, item + " (" + name + ")" + rest);
    }

    /** Every key that was looked up but never found, such as {@code tenants[].rpm} or {@code plans.*.rpm}. */
    Set<String> absentShapes() {
        Set<String> absent = new TreeSet<>(reading.askedShapes);
        absent.removeAll(reading.foundShapes);
        return absent;
    }

    private static List<Found> inOrder(List<Found> found) {
        return found.stream().sorted(Comparator.<Found>comparingInt(each -> each.source().number())
                .thenComparingInt(Found::position)).toList();
    }
}
