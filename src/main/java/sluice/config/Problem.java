package sluice.config;

import java.util.Optional;

/**
 * One problem in a configuration.
 *
 * @param path    where it is, such as {@code tenants[2].rpm}
 * @param message what is wrong with it and what is expected; never shows a secret
 */
public record Problem(String path, String message) {

    /** An invalid value, and what was expected. */
    static Problem expected(String path, String value, String expected) {
        return new Problem(path, value + " (expected: " + expected + ")");
    }

    static Problem missing(String path, String expected) {
        return expected(path, "missing", expected);
    }

    static Problem unknownKey(String path, Optional<String> nearest, Iterable<String> known) {
        String help = nearest.map(word -> "did you mean " + word + "?").orElse("known: " + String.join(", ", known));
        return new Problem(path, "unknown key (" + help + ")");
    }

    @Override
    public String toString() {
        return path + ": " + message;
    }
}
