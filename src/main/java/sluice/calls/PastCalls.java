package sluice.calls;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.ledger.Ledger;

/** Reads from the ledger what happened in some time, to be looked at again. Its methods block. */
public final class PastCalls {
    private static final int PAGE = 10_000;
    private static final String COLUMNS = "at_millis, id, tenant, endpoint, asked_model, cache, outcome, code, "
            + "total_micros, input_tokens + output_tokens, estimated, picodollars, unpriced, tags, user_hash";
    /** Money is added up in two parts, since a sum of many rows may be larger than any number that a database has. */
    private static final long PART = 1_000_000_000;

    private final Ledger ledger;

    public PastCalls(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The calls of tenants that ended within some time, in that order; one more than {@code most} if there are more. */
    public List<PastCall> between(Instant from, Instant to, int most) throws IOException {
        Map<String, String> words = new HashMap<>();
        List<PastCall> all = new ArrayList<>();
        long after = from.toEpochMilli();
        String afterId = "";
        int read;
        do {
            List<PastCall> page = page(after, afterId, to.toEpochMilli(), words);
            read = page.size();
            if (read > 0) {
                after = page.getLast().endedAtMillis();
                afterId = page.getLast().id();
            }
            page.stream().filter(call -> !call.tenant().isEmpty()).forEach(all::add);
        } while (read == PAGE && all.size() <= most);
        return all.size() > most ? all.subList(0, most + 1) : all;
    }

    private List<PastCall> page(long after, String afterId, long to, Map<String, String> words) throws IOException {
        return ledger.read(List.of(), transaction -> {
            try (PreparedStatement statement = transaction
                    .prepare("SELECT " + COLUMNS + " FROM call WHERE at_millis >= ?"
                            + " AND at_millis < ? AND (at_millis, id) > (?, ?) ORDER BY at_millis, id LIMIT " + PAGE)) {
                statement.setLong(1, after);
                statement.setLong(2, to);
                statement.setLong(3, after);
                statement.setString(4, afterId);
                List<PastCall> page = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        page.add(call(rows, words));
                    }
                }
                return page;
            }
        });
    }

    private static PastCall call(ResultSet row, Map<String, String> words) throws SQLException {
        return new PastCall(row.getLong(1), row.getString(2), word(row, 3, words), word(row, 4, words),
                word(row, 5, words), word(row, 6, words), word(row, 7, words), word(row, 8, words), row.getLong(9),
                row.getLong(10), row.getInt(11) > 0, row.getLong(12), row.getInt(13) > 0, word(row, 14, words),
                word(row, 15, words));
    }

    /** Most words recur, and many calls are held at once. */
    private static String word(ResultSet row, int column, Map<String, String> words) throws SQLException {
        return words.computeIfAbsent(row.getString(column), word -> word);
    }

    /** What tenants used in whole hours of UTC, by model. */
    public List<PastUse> used(Instant from, Instant to) throws IOException {
        return ledger.read(List.of(), transaction -> {
            try (PreparedStatement statement = transaction.prepare("SELECT tenant, model, SUM(answered), "
                    + "SUM(input_tokens) + SUM(output_tokens), SUM(picodollars / " + PART + "), SUM(picodollars % "
                    + PART + ") FROM usage WHERE slice = ? AND period >= ? AND period < ? GROUP BY tenant, model")) {
                statement.setString(1, Slice.HOUR.key());
                statement.setLong(2, Slice.HOUR.period(from));
                statement.setLong(3, Slice.HOUR.period(to));
                List<PastUse> all = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        all.add(new PastUse(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getLong(4),
                                rows.getLong(5) * PART + rows.getLong(6)));
                    }
                }
                return all;
            }
        });
    }
}
