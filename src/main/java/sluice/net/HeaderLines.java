package sluice.net;

import io.vertx.core.MultiMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads headers that may come as several lines, which mean the same as one (RFC 9110, section 5.3). */
public final class HeaderLines {
    private HeaderLines() {}

    /** The values of all lines, joined by commas; null if there are none. */
    public static @Nullable String joined(MultiMap headers, CharSequence name) {
        String first = headers.get(name);
        if (first == null) {
            return null;
        }
        List<String> lines = headers.getAll(name);
        return lines.size() == 1 ? first : String.join(", ", lines);
    }
}
