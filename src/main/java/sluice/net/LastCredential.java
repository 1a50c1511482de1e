package sluice.net;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The credential of the last call over a connection, and what was worked out from its text alone: clients present the
 * same one with every call, and comparing texts is far cheaper than digesting them. Whether it is still good is decided
 * anew for each call. Used on one event loop, and forgotten with its connection.
 */
public final class LastCredential {
    /** Longer ones are not kept, in characters. */
    private static final int LONGEST = 16 << 10;

    private String text = "";
    private @Nullable Object known;

    /**
     * What follows from this text.
     *
     * @param derive from a text, and from nothing else
     */
    public <T> T derived(String presented, Class<T> type, Function<String, T> derive) {
        if (type.isInstance(known) && presented.equals(text)) {
            return type.cast(known);
        }
        T fresh = derive.apply(presented);
        boolean kept = presented.length() <= LONGEST;
        text = kept ? presented : "";
        known = kept ? fresh : null;
        return fresh;
    }
}
