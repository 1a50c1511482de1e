package sluice.yaml;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when a text does not have the form that its key requires. Caught where the path of the key is known. */
public final class Unacceptable extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final String expected;
    private final @Nullable String shown;

    /** @param expected the texts that are accepted, in words */
    public Unacceptable(String expected) {
        this(expected, null);
    }

    /**
     * Shows something else than the text itself.
     *
     * @param expected the texts that are accepted, in words
     * @param shown    what to show of it
     */
    public Unacceptable(String expected, @Nullable String shown) {
        super(expected, null, false, false);
        this.expected = expected;
        this.shown = shown;
    }

    /** The texts that are accepted, in words. */
    public String expected() {
        return expected;
    }

    /** What to show of the text: it or what stands in for it. */
    public String shownOr(String text) {
        return shown == null ? text : shown;
    }
}
