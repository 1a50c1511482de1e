package sluice.calls;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Asks for single calls, the latest first.
 *
 * @param where what they must have, by column
 * @param from  those that ended then or later
 * @param to    those that ended before
 * @param after those that come after this one; empty for the first page
 * @param limit how many at most
 */
public record CallQuery(Map<Column, String> where, Instant from, Instant to, Optional<Cursor> after, int limit) {

    /** What calls can be chosen by. */
    public enum Column {
        ID("id"), TENANT("tenant"), KEY("key_id"), CODE("code"), MODEL("asked_model"), STATUS("status");

        private final String column;

        Column(String column) {
            this.column = column;
        }

        String column() {
            return column;
        }
    }

    /** A position in the order of calls. */
    public record Cursor(long atMillis, String id) {}

    public CallQuery {
        where = Map.copyOf(where);
    }
}
