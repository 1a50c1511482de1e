package sluice.upstream;

/**
 * A credential that must never be seen: it is redacted wherever it is printed.
 *
 * @param value the secret itself
 */
public record ApiKey(String value) {

    @Override
    public String toString() {
        return "[redacted]";
    }
}
