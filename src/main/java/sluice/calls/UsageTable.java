package sluice.calls;

import java.io.IOException;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import sluice.ledger.Ledger;

/** Reads the sums of calls. Its methods block. */
final class UsageTable {
    /** Money is added up in two parts, since a sum of many rows may be larger than any number that a database has. */
    private static final long PART = 1_000_000_000;
    private static final String SUMS = Sum.ALL.stream().map(UsageTable::sum).collect(Collectors.joining(", "));

    private final Ledger ledger;

    UsageTable(Ledger ledger) {
        this.ledger = ledger;
    }

    private static String sum(Sum sum) {
        return sum.isMoney()
                ? "SUM(%1$s / %2$d), SUM(%1$s %% %2$d)".formatted(sum.column(), PART)
                : "SUM(" + sum.column() + ")";
    }

    /** The rows that answer a query, and one more if there is one. */
    List<UsageReport.Row> read(UsageQuery query) throws IOException {
        List<Object> values = new ArrayList<>();
        String sql = sql(query, values);
        return ledger.read(List.of(), transaction -> {
            try (PreparedStatement statement = transaction.prepare(sql)) {
                for (int i = 0; i < values.size(); i++) {
                    statement.setObject(i + 1, values.get(i));
                }
                try (ResultSet rows = statement.executeQuery()) {
                    return rows(query, rows);
                }
            }
        });
    }

    /** The cost of the calls of a day of UTC at these accounts, in picodollars; of calls that are still kept. */
    long costOf(LocalDate day, List<String> accounts) throws IOException {
        String marks = accounts.stream().map(account -> "?").collect(Collectors.joining(", "));
        return ledger.read(0L, transaction -> {
            try (PreparedStatement statement = transaction.prepare("SELECT " + sum(Sum.PICODOLLARS) + " FROM call "
                    + "WHERE at_millis >= ? AND at_millis < ? AND account IN (" + marks + ")")) {
                statement.setLong(1, day.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli());
                statement.setLong(2, day.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli());
                for (int i = 0; i < accounts.size(); i++) {
                    statement.setString(i + 3, accounts.get(i));
                }
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? rows.getLong(1) * PART + rows.getLong(2) : 0L;
                }
            }
        });
    }

    private static String sql(UsageQuery query, List<Object> values) {
        Slice slice = query.slice();
        List<String> groups = query.by().stream().map(each -> each.expression(slice)).toList();
        List<String> conditions = new ArrayList<>(List.of("slice = ?", "period >= ?", "period < ?"));
        values.addAll(List.of(slice.key(), slice.period(query.from()), slice.period(query.to())));
        for (Map.Entry<Dimension, String> only : query.where().entrySet()) {
            condition(only.getKey(), only.getValue(), slice, conditions, values);
        }
        query.after().ifPresent(after -> {
            conditions.add("(" + String.join(", ", groups) + ") > ("
                    + groups.stream().map(each -> "?").collect(Collectors.joining(", ")) + ")");
            after.forEach(value -> values.add(value instanceof Number period ? period.longValue() : value));
        });
        String by = String.join(", ", groups);
        values.add(query.limit() + 1);
        return "SELECT " + by + ", " + SUMS + " FROM usage WHERE " + String.join(" AND ", conditions) + " GROUP BY "
                + by + " ORDER BY " + by + " LIMIT ?";
    }

    /** A tag is named whole, as {@code team=search}, or by its key. */
    private static void condition(Dimension only, String value, Slice slice, List<String> conditions,
            List<Object> values) {
        String column = only.expression(slice);
        if (only == Dimension.TAG && value.indexOf('=') < 0) {
            String key = value + "=";
            conditions.add("substr(" + column + ", 1, ?) = ?");
            values.addAll(List.of(key.length(), key));
        } else {
            conditions.add(column + " = ?");
            values.add(value);
        }
    }

    private static List<UsageReport.Row> rows(UsageQuery query, ResultSet rows) throws SQLException {
        List<UsageReport.Row> all = new ArrayList<>();
        int groups = query.by().size();
        while (rows.next()) {
            List<Object> group = new ArrayList<>(groups);
            for (int i = 0; i < groups; i++) {
                if (query.by().get(i).isTime()) {
                    group.add(rows.getLong(i + 1));
                } else {
                    group.add(rows.getString(i + 1));
                }
            }
            Map<Sum, BigDecimal> sums = new EnumMap<>(Sum.class);
            int column = groups;
            for (Sum sum : Sum.ALL) {
                BigDecimal read = BigDecimal.valueOf(rows.getLong(++column));
                sums.put(sum, sum.isMoney()
                        ? read.multiply(BigDecimal.valueOf(PART)).add(BigDecimal.valueOf(rows.getLong(++column)))
                        : read);
            }
            all.add(new UsageReport.Row(group, sums));
        }
        return all;
    }
}
