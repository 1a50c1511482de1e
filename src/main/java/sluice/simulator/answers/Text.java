package sluice.simulator.answers;

/** A text in tokens, as a model writes it. */
public sealed interface Text permits Prose, JsonText {

    int tokens();

    /** One of its tokens; all of them one after the other are the text. */
    String token(int index);

    /** Whether nothing was cut. */
    boolean complete();

    default String text() {
        return part(0, 1);
    }

    /** One of {@code parts} consecutive pieces, which together are the text; some are empty if there are few tokens. */
    default String part(int index, int parts) {
        StringBuilder part = new StringBuilder();
        for (int i = start(index, parts); i < start(index + 1, parts); i++) {
            part.append(token(i));
        }
        return part.toString();
    }

    /** The first token of a piece. */
    default int start(int index, int parts) {
        return (int) ((long) tokens() * index / parts);
    }
}
