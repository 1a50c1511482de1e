package sluice.calls;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.ledger.Ledger;
import sluice.openai.Usage;

/**
 * The tables of calls and of their sums. A call is written once, even if it is repeated: its sums are added up in the
 * same transaction, and only if its row is new. Used on the ledger's own thread.
 */
final class CallTables {
    private static final List<String> OF_CALL = List.of("at_millis", "id", "tenant", "key_id", "endpoint",
            "asked_model", "served_model", "service_tier", "estimated", "cache", "status", "outcome", "code",
            "waited_micros", "total_micros", "attempts", "account", "tags", "user_hash", "unpriced", "price_date",
            "subject", "limit_name");
    private static final String INTO = "INSERT INTO call (" + String.join(", ", OF_CALL) + ", "
            + Sum.columns(Sum.OF_CALLS) + ") VALUES (";
    private static final String ONCE = ") ON CONFLICT (at_millis, id) DO NOTHING";
    private static final String INSERT = INTO + marks(OF_CALL.size() + Sum.OF_CALLS.size()) + ONCE;
    /** Texts that most calls leave empty. */
    private static final Set<String> SELDOM = Set.of("code", "tags", "user_hash", "subject", "limit_name");
    /** For {@link #isPlain} calls: to hand over a value costs about as much as to write it. */
    private static final String INSERT_PLAIN = INTO + Stream
            .concat(OF_CALL.stream().map(column -> SELDOM.contains(column) ? "''" : "?"),
                    Sum.OF_CALLS.stream().map(sum -> sum.isOfText() ? "?" : "0"))
            .collect(Collectors.joining(", ")) + ONCE;
    private static final String ROW = "slice, period, tenant, key_id, model, name";
    private static final int ROW_COLUMNS = 6;
    private static final String ADD = "INSERT INTO usage (" + ROW + ", " + Sum.columns(Sum.ALL) + ") VALUES ("
            + marks(ROW_COLUMNS + Sum.ALL.size()) + ") ON CONFLICT (" + ROW + ") DO UPDATE SET "
            + Sum.ALL.stream().map(CallTables::added).collect(Collectors.joining(", "));
    private static final String FORGET = "DELETE FROM call WHERE (at_millis, id) IN "
            + "(SELECT at_millis, id FROM call WHERE at_millis < ? ORDER BY at_millis, id LIMIT ?)";

    private final Ledger ledger;
    private final Names names = new Names();

    CallTables(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Writes all of these calls or none, and returns how many were new. */
    int write(List<CallRecord> calls) throws IOException {
        return ledger.write(transaction -> {
            Rollup added = new Rollup(names);
            Map<Boolean, List<CallRecord>> kinds = calls.stream()
                    .collect(Collectors.partitioningBy(CallTables::isPlain));
            int fresh = insert(transaction, kinds.getOrDefault(true, List.of()), true, added)
                    + insert(transaction, kinds.getOrDefault(false, List.of()), false, added);
            add(transaction, added);
            return fresh;
        });
    }

    private static boolean isPlain(CallRecord call) {
        return call.code().isEmpty() && call.tags().isEmpty() && call.user().isEmpty() && call.subject().isEmpty()
                && call.limit().isEmpty()
                && (call.usage() == null || call.usage().details().equals(Usage.Details.NONE));
    }

    /** Inserts calls of one kind, and adds those that were new. */
    private static int insert(Ledger.Transaction transaction, List<CallRecord> calls, boolean plain, Rollup added)
            throws SQLException {
        if (calls.isEmpty()) {
            return 0;
        }
        int fresh = 0;
        try (PreparedStatement statement = transaction.prepare(plain ? INSERT_PLAIN : INSERT)) {
            for (CallRecord each : calls) {
                set(new Row(statement, plain), each);
                statement.addBatch();
            }
            int[] counts = statement.executeBatch();
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] > 0) {
                    added.add(calls.get(i));
                    fresh++;
                }
            }
        }
        return fresh;
    }

    private static void set(Row row, CallRecord call) throws SQLException {
        LocalDate priced = call.priced();
        row.number(call.endedAtMillis()).text(call.id()).text(call.tenant()).text(call.keyId()).text(call.endpoint())
                .text(call.asked()).text(call.served()).text(call.tier()).number(call.estimated() ? 1 : 0)
                .text(call.cache()).number(call.status()).text(call.outcome()).seldom(call.code())
                .number(call.waitedMicros()).number(call.totalMicros()).number(call.attempts()).text(call.account())
                .seldom(call.tags()).seldom(call.user()).number(call.unpriced() ? 1 : 0)
                .text(priced == null ? "" : priced.toString()).seldom(call.subject())
                .seldom(call.limit());
        for (Sum sum : Sum.OF_CALLS) {
            if (sum.isOfText() || !row.plain) {
                row.number(sum.of(call));
            }
        }
    }

    private static void add(Ledger.Transaction transaction, Rollup added) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(ADD)) {
            for (var each : added.rows().entrySet()) {
                Rollup.Row key = each.getKey();
                Row row = new Row(statement, false).text(key.slice().key()).number(key.period()).text(key.tenant())
                        .text(key.keyId()).text(key.model()).text(key.name());
                for (long sum : each.getValue()) {
                    row.number(sum);
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Removes up to so many calls that were over before then, and returns how many there were. */
    int forget(long beforeMillis, int most) throws IOException {
        return ledger.write(transaction -> {
            try (PreparedStatement statement = transaction.prepare(FORGET)) {
                statement.setLong(1, beforeMillis);
                statement.setInt(2, most);
                return statement.executeUpdate();
            }
        });
    }

    /** A sum too large for its column stays at the largest number. */
    private static String added(Sum sum) {
        String column = sum.column();
        String all = "usage." + column + " + excluded." + column;
        return column + " = " + (sum.isMoney()
                ? "CASE WHEN usage." + column + " > " + Long.MAX_VALUE + " - excluded." + column + " THEN "
                        + Long.MAX_VALUE + " ELSE " + all + " END"
                : all);
    }

    private static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    /** Sets the values of one row from left to right. */
    private static final class Row {
        private final PreparedStatement statement;
        private final boolean plain;
        private int column;

        /** @param plain whether what most calls leave empty has no place in it */
        Row(PreparedStatement statement, boolean plain) {
            this.statement = statement;
            this.plain = plain;
        }

        Row seldom(String value) throws SQLException {
            return plain ? this : text(value);
        }

        Row text(String value) throws SQLException {
            statement.setString(++column, Text.fit(value));
            return this;
        }

        Row number(long value) throws SQLException {
            statement.setLong(++column, value);
            return this;
        }
    }
}
