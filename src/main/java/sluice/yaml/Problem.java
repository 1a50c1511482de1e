package sluice.yaml;

/**
 * One problem in a configuration.
 *
 * @param path    where it is, such as {@code tenants[2].rpm}
 * @param message what is wrong with it and what is expected; never shows a secret
 */
public record Problem(String path, String message) {

    /** An invalid value, and what was expected. */
    public static Problem expected(String path, String value, String expected) {
        return new Problem(path, value + " (expected: " + expected + ")");
    }

    @Override
    public String toString() {
        return path + ": " + message;
    }
}
