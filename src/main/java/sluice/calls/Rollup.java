package sluice.calls;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The sums of one batch of calls, by the rows that they are added to. */
final class Rollup {

    /**
     * A row. Everyone updates rows in this order, so that processes that add to the same ones cannot deadlock.
     *
     * @param name the tag or the end user of such a slice, otherwise empty
     */
    record Row(Slice slice, long period, String tenant, String keyId, String model, String name)
            implements
                Comparable<Row> {

        @Override
        public int compareTo(Row other) {
            int order = slice.compareTo(other.slice);
            order = order != 0 ? order : Long.compare(period, other.period);
            order = order != 0 ? order : tenant.compareTo(other.tenant);
            order = order != 0 ? order : keyId.compareTo(other.keyId);
            order = order != 0 ? order : model.compareTo(other.model);
            return order != 0 ? order : name.compareTo(other.name);
        }
    }

    private final Names names;
    private final SortedMap<Row, long[]> rows = new TreeMap<>();

    Rollup(Names names) {
        this.names = names;
    }

    void add(CallRecord call) {
        Instant at = Instant.ofEpochMilli(call.endedAtMillis());
        add(Slice.HOUR, at, call, "");
        add(Slice.DAY, at, call, "");
        add(Slice.MONTH, at, call, "");
        if (!call.tags().isEmpty()) {
            for (String tag : call.tags().split(",", -1)) {
                add(Slice.TAG, at, call, tag);
            }
        }
        if (!call.user().isEmpty()) {
            add(Slice.USER, at, call, call.user());
        }
    }

    private void add(Slice slice, Instant at, CallRecord call, String name) {
        long period = slice.period(at);
        String bounded = name.isEmpty() ? name : names.bounded(period, call.tenant(), name);
        Row row = new Row(slice, period, call.tenant(), call.keyId(), call.model(), bounded);
        long[] sums = rows.computeIfAbsent(row, fresh -> new long[Sum.ALL.size()]);
        Arrays.setAll(sums, i -> sums[i] + Sum.ALL.get(i).of(call));
    }

    Map<Row, long[]> rows() {
        return rows;
    }
}
