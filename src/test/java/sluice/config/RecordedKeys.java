package sluice.config;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import sluice.yaml.KeyObserver;

/** Everything that the readers have looked up. */
final class RecordedKeys implements KeyObserver {
    private final Set<String> asked = new TreeSet<>();
    private final Set<String> found = new TreeSet<>();
    private final Set<String> required = new TreeSet<>();
    private final Set<String> sections = new TreeSet<>();
    private final Set<String> filled = new TreeSet<>();
    private final Map<String, Set<Map<String, Object>>> forms = new TreeMap<>();

    @Override
    public void asked(String shape, boolean present) {
        asked.add(shape);
        if (present) {
            found.add(shape);
        }
    }

    @Override
    public void required(String shape) {
        required.add(shape);
    }

    @Override
    public void section(String shape) {
        sections.add(shape);
    }

    @Override
    public void filled(String shape) {
        filled.add(shape);
    }

    @Override
    public void form(String shape, Supplier<Map<String, Object>> form) {
        forms.computeIfAbsent(shape, fresh -> new LinkedHashSet<>()).add(form.get());
    }

    Set<String> asked() {
        return asked;
    }

    /** Every key that was looked up but never found. */
    Set<String> absent() {
        Set<String> absent = new TreeSet<>(asked);
        absent.removeAll(found);
        return absent;
    }

    Set<String> required() {
        return required;
    }

    Set<String> sections() {
        return sections;
    }

    Set<String> filled() {
        return filled;
    }

    Map<String, Set<Map<String, Object>>> forms() {
        return forms;
    }
}
