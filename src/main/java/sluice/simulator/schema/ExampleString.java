package sluice.simulator.schema;

/** A string that fits a schema: one of its format, or the text at hand, cut or padded to its length, or one of its pattern. */
final class ExampleString {

    private ExampleString() {}

    static String of(Schema schema, String text, int index) {
        return switch (String.valueOf(schema.members().getValue("format"))) {
            case "date-time" -> "2026-01-01T00:00:%02dZ".formatted(index % 60);
            case "date" -> "2026-01-%02d".formatted(1 + index % 28);
            case "time" -> "00:00:%02dZ".formatted(index % 60);
            case "duration" -> "P" + (1 + index) + "D";
            case "email" -> Example.numbered("answer", index) + "@example.com";
            case "hostname" -> Example.numbered("answer", index) + ".example.com";
            case "ipv4" -> "192.0.2." + (1 + index % 254);
            case "ipv6" -> "2001:db8::" + Integer.toHexString(1 + index % 0xffff);
            case "uuid" -> "00000000-0000-4000-8000-%012x".formatted(index);
            case "uri", "url", "iri", "uri-reference" -> "https://example.com/" + Example.numbered("answer", index);
            default -> patterned(schema, sized(Example.numbered(text, index), schema.number("minLength", 0),
                    schema.number("maxLength", Integer.MAX_VALUE)));
        };
    }

    /** The text, unless only another string fits its pattern. */
    private static String patterned(Schema schema, String text) {
        return schema.members().getValue("pattern") instanceof String pattern && !ExamplePattern.finds(pattern, text)
                ? ExamplePattern.of(pattern).orElse(text)
                : text;
    }

    private static String sized(String text, int least, int most) {
        String cut = text.length() <= most ? text : text.substring(text.length() - Math.max(0, most));
        return cut.length() >= least ? cut : cut + ".".repeat(Math.min(least, 1_000_000) - cut.length());
    }
}
