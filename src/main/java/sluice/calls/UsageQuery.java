package sluice.calls;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A question about usage.
 *
 * @param from   begins, at an hour of UTC
 * @param to     ends before this, at an hour of UTC
 * @param by     what the sums are grouped by, in this order; at least one
 * @param where  filters: a dimension and the only value counted
 * @param limit  the most rows of one answer
 * @param after  the last row of the answer before, if this asks for more
 * @param format of the answer
 */
public record UsageQuery(Instant from, Instant to, List<Dimension> by, Map<Dimension, String> where, int limit,
        Optional<List<Object>> after, Format format) {

    /** How an answer is written. */
    public enum Format {
        JSON, CSV
    }

    public UsageQuery {
        by = List.copyOf(by);
        where = Map.copyOf(where);
    }

    /** The same, about one tenant only. */
    public UsageQuery ofTenant(String tenant) {
        Map<Dimension, String> only = new EnumMap<>(Dimension.class);
        only.putAll(where);
        only.put(Dimension.TENANT, tenant);
        return new UsageQuery(from, to, by, only, limit, after, format);
    }

    /** The rows that answer it. */
    Slice slice() {
        for (Dimension each : Dimension.values()) {
            if ((by.contains(each) || where.containsKey(each)) && each.slice().isPresent()) {
                return each.slice().get();
            }
        }
        if (isWholeMonths() && !by.contains(Dimension.DAY)) {
            return Slice.MONTH;
        }
        return isWholeDays() ? Slice.DAY : Slice.HOUR;
    }

    private boolean isWholeMonths() {
        return isWholeDays() && isFirst(from) && isFirst(to);
    }

    private static boolean isFirst(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC).getDayOfMonth() == 1;
    }

    boolean isWholeDays() {
        return isMidnight(from) && isMidnight(to);
    }

    private static boolean isMidnight(Instant moment) {
        return moment.getEpochSecond() % 86_400 == 0;
    }
}
