package sluice.openai;

/** What the last event of a whole stream looks like. A stream that ends without it was cut. */
public enum StreamEnd {
    /** {@code data: [DONE]} */
    DONE_LINE,
    /** A named event of the Responses API after which none follows. */
    RESPONSE_EVENT,
    /** The endpoint has no streams. */
    NONE;

    /** No line that is longer than this is a mark, in bytes. */
    static final int LONGEST = 26;

    /** Whether a line of an event, without its line end, is the mark. */
    boolean isMark(String line) {
        return switch (this) {
            case DONE_LINE -> line.equals("data: [DONE]") || line.equals("data:[DONE]");
            case RESPONSE_EVENT -> switch (line) {
                case "event: response.completed", "event: response.incomplete", "event: response.failed",
                        "event: error" ->
                    true;
                default -> false;
            };
            case NONE -> false;
        };
    }
}
