package sluice.calls;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Comma-separated values (RFC 4180). Fields that a spreadsheet would run as a formula get an apostrophe in front,
 * since callers choose some of their text.
 */
final class Csv {
    private static final String FORMULA = "=+-@\t\r\n";
    private static final String QUOTED = ",\"\r\n";

    private final StringBuilder text = new StringBuilder();

    void line(List<String> fields) {
        text.append(fields.stream().map(Csv::field).collect(Collectors.joining(","))).append("\r\n");
    }

    String text() {
        return text.toString();
    }

    private static String field(String value) {
        String plain = !value.isEmpty() && FORMULA.indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
        return plain.chars().anyMatch(c -> QUOTED.indexOf(c) >= 0) || !plain.equals(plain.strip())
                ? '"' + plain.replace("\"", "\"\"") + '"'
                : plain;
    }
}
