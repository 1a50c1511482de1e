package sluice.calls;

import io.vertx.core.json.JsonObject;
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
import sluice.price.Cost;

/** Reads single calls from the ledger. Its methods block. */
public final class CallTable {
    private static final String LIMIT = "limit_name";
    private static final List<String> TEXTS = List.of("tenant", "key_id", "endpoint", "asked_model", "served_model",
            "service_tier", "cache", "outcome", "code", "account", "tags", "user_hash", "subject", LIMIT);
    private static final List<String> NUMBERS = List.of("status", "attempts", "input_tokens", "cached_tokens",
            "output_tokens", "waited_micros", "total_micros", "picodollars", "estimated", "unpriced");
    private static final String COLUMNS = "at_millis, id, " + String.join(", ", TEXTS) + ", "
            + String.join(", ", NUMBERS);
    private static final double MICROS_PER_MILLI = 1e3;

    private final Ledger ledger;

    public CallTable(Ledger ledger) {
        this.ledger = ledger;
    }

    /** A call as it is kept. */
    public record Found(long atMillis, String id, Map<String, String> texts, Map<String, Long> numbers) {

        public Found {
            texts = Map.copyOf(texts);
            numbers = Map.copyOf(numbers);
        }

        private long number(String column) {
            return numbers.getOrDefault(column, 0L);
        }

        /** All of it. */
        public JsonObject json() {
            JsonObject json = new JsonObject().put("object", "call").put("id", id)
                    .put("ended_at", Instant.ofEpochMilli(atMillis).toString());
            TEXTS.forEach(column -> json.put(column.equals(LIMIT) ? "limit" : column, texts.get(column)));
            return json.put("status", number("status")).put("attempts", number("attempts"))
                    .put("input_tokens", number("input_tokens")).put("cached_tokens", number("cached_tokens"))
                    .put("output_tokens", number("output_tokens")).put("estimated", number("estimated") > 0)
                    .put("unpriced", number("unpriced") > 0).put("cost_usd", Cost.dollars(number("picodollars")))
                    .put("wait_ms", number("waited_micros") / MICROS_PER_MILLI)
                    .put("total_ms", number("total_micros") / MICROS_PER_MILLI);
        }
    }

    /** The calls that a query asks for; the search for a single id ends at the first row that has it. */
    public List<Found> read(CallQuery query) throws IOException {
        List<Object> values = new ArrayList<>(List.of(query.from().toEpochMilli(), query.to().toEpochMilli()));
        StringBuilder sql = new StringBuilder("SELECT ").append(COLUMNS)
                .append(" FROM call WHERE at_millis >= ? AND at_millis < ?");
        query.where().forEach((column, value) -> {
            sql.append(" AND ").append(column.column()).append(" = ?");
            values.add(column == CallQuery.Column.STATUS ? (Object) Integer.valueOf(value) : value);
        });
        query.after().ifPresent(after -> {
            sql.append(" AND (at_millis, id) < (?, ?)");
            values.addAll(List.of(after.atMillis(), after.id()));
        });
        boolean one = query.where().containsKey(CallQuery.Column.ID);
        sql.append(one ? " ORDER BY at_millis, id LIMIT ?" : " ORDER BY at_millis DESC, id DESC LIMIT ?");
        values.add(one ? 1 : query.limit());
        return ledger.read(List.of(), transaction -> {
            try (PreparedStatement statement = transaction.prepare(sql.toString())) {
                for (int i = 0; i < values.size(); i++) {
                    statement.setObject(i + 1, values.get(i));
                }
                List<Found> found = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.add(found(rows));
                    }
                }
                return found;
            }
        });
    }

    private static Found found(ResultSet rows) throws SQLException {
        Map<String, String> texts = new HashMap<>();
        Map<String, Long> numbers = new HashMap<>();
        for (String column : TEXTS) {
            texts.put(column, rows.getString(column));
        }
        for (String column : NUMBERS) {
            numbers.put(column, rows.getLong(column));
        }
        return new Found(rows.getLong("at_millis"), rows.getString("id"), texts, numbers);
    }
}
