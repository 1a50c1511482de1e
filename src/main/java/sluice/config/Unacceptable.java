package sluice.config;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when a text does not have the form that its key requires. Caught where the path of the key is known. */
final class Unacceptable extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final String expected;
    private final @Nullable String shown;

    Unacceptable(String expected) {
        this(expected, null);
    }

    /** @param shown what to show instead of the text itself */
    Unacceptable(String expected, @Nullable String shown) {
        super(expected, null, false, false);
        this.expected = expected;
        this.shown = shown;
    }

    String expected() {
        return expected;
    }

    String shownOr(String text) {
        return shown == null ? text : shown;
    }
}
