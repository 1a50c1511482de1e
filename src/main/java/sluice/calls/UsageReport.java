package sluice.calls;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import sluice.price.Cost;

/**
 * The answer to a {@link UsageQuery}.
 *
 * @param rows          in the order of their groups
 * @param next          the cursor of the next rows, if there are more
 * @param behindSeconds the age of the oldest call of this replica that is not in it yet
 */
public record UsageReport(UsageQuery query, List<Row> rows, Optional<String> next, double behindSeconds) {
    private static final List<Sum> COUNTS = Sum.ALL.stream().filter(sum -> sum.compareTo(Sum.PICODOLLARS) < 0).toList();
    private static final List<Sum> MONEY = List.of(Sum.PICODOLLARS, Sum.SAVED_PICODOLLARS);
    private static final List<String> MONEY_FIELDS = List.of("cost_usd", "saved_usd");

    /**
     * One row.
     *
     * @param group the values it is grouped by: texts, and periods as numbers
     * @param sums  all of them
     */
    record Row(List<Object> group, Map<Sum, BigDecimal> sums) {

        /** Of what is counted, or of picodollars as far as they fit. */
        long sum(Sum sum) {
            return exactly(sum).longValueExact();
        }

        private BigDecimal exactly(Sum sum) {
            return Objects.requireNonNull(sums.get(sum));
        }

        private String group(int i) {
            return group.get(i) instanceof Number period ? Dimension.text(period.longValue()) : (String) group.get(i);
        }
    }

    /** The content type of its text. */
    public String contentType() {
        return switch (query.format()) {
            case JSON -> "application/json";
            case CSV -> "text/csv; charset=utf-8; header=present";
        };
    }

    /** As the query wants it. */
    public String text() {
        return switch (query.format()) {
            case JSON -> json().encode();
            case CSV -> csv();
        };
    }

    private JsonObject json() {
        JsonArray data = new JsonArray();
        for (Row row : rows) {
            JsonObject object = new JsonObject();
            for (int i = 0; i < query.by().size(); i++) {
                object.put(query.by().get(i).word(), row.group(i));
            }
            COUNTS.forEach(sum -> object.put(sum.column(), row.sum(sum)));
            for (int i = 0; i < MONEY.size(); i++) {
                object.put(MONEY_FIELDS.get(i), dollars(row, MONEY.get(i)));
            }
            data.add(object);
        }
        return new JsonObject().put("object", "usage").put("from", query.from().toString())
                .put("to", query.to().toString()).put("data", data).put("has_more", next.isPresent())
                .put("next_cursor", next.orElse(null)).put("behind_seconds", behindSeconds);
    }

    private String csv() {
        Csv csv = new Csv();
        csv.line(Stream.of(query.by().stream().map(Dimension::word), COUNTS.stream().map(Sum::column),
                MONEY_FIELDS.stream()).flatMap(each -> each).toList());
        for (Row row : rows) {
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < query.by().size(); i++) {
                fields.add(row.group(i));
            }
            COUNTS.forEach(sum -> fields.add(Long.toString(row.sum(sum))));
            MONEY.forEach(sum -> fields.add(dollars(row, sum).toPlainString()));
            csv.line(fields);
        }
        return csv.text();
    }

    private static BigDecimal dollars(Row row, Sum sum) {
        return Cost.dollars(row.exactly(sum));
    }
}
