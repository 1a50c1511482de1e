package sluice.calls;

import java.time.Instant;
import java.util.HashMap;
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
    private final Map<Row, long[]> rows = new HashMap<>();

    Rollup(Names names) {
        this.names = names;
    }

    void add(CallRecord call) {
        Instant at = Instant.ofEpochMilli(call.endedAtMillis());
        long[] sums = Sum.all(call);
        add(Slice.HOUR, at, call, "", sums);
        add(Slice.DAY, at, call, "", sums);
        add(Slice.MONTH, at, call, "", sums);
        if (!call.tags().isEmpty()) {
            for (String tag : call.tags().split(",", -1)) {
                add(Slice.TAG, at, call, tag, sums);
            }
        }
        if (!call.user().isEmpty()) {
            add(Slice.USER, at, call, call.user(), sums);
        }
    }

    private void add(Slice slice, Instant at, CallRecord call, String name, long[] sums) {
        long period = slice.period(at);
        String bounded = name.isEmpty() ? name : names.bounded(period, call.tenant(), name);
        Row row = new Row(slice, period, call.tenant(), call.keyId(), call.model(), bounded);
        long[] all = rows.computeIfAbsent(row, fresh -> new long[sums.length]);
        for (int i = 0; i < sums.length; i++) {
            all[i] = all[i] > Long.MAX_VALUE - sums[i] ? Long.MAX_VALUE : all[i] + sums[i];
        }
    }

    /** In the order in which everyone updates them. */
    SortedMap<Row, long[]> rows() {
        return new TreeMap<>(rows);
    }
}
