package sluice.cluster;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import sluice.schedule.Lane;
import sluice.schedule.Want;

/**
 * What a replica sends to the store when it visits an account.
 *
 * @param queue   in which calls wait here
 * @param wants   the waiting calls
 * @param charges service of the tenants since the last visit
 * @param slices  of the account's buckets
 * @param reports one per slice
 */
record Visit(SharedAccount.Queue queue, List<Want> wants, Map<String, Double> charges, List<AccountSlice> slices,
        List<AccountSlice.Report> reports) {
    private static final long PATIENCE_MILLIS = 1_000;
    /** The longest name of a reported quota, which contains a model's name. */
    private static final int LONGEST_NAME = 300;
    /** The most quotas for which the store keeps upstream reports. */
    private static final int MOST_TOLD = 400;

    /** As the script reads it, except for what the replica says of itself. */
    JsonObject message() {
        JsonArray buckets = new JsonArray();
        for (int i = 0; i < slices.size(); i++) {
            buckets.add(bucket(slices.get(i), reports.get(i)));
        }
        JsonArray service = new JsonArray();
        charges.forEach((tenant, cost) -> service.add(new JsonArray().add(tenant).add(cost)));
        JsonArray waiting = new JsonArray();
        wants.forEach(want -> waiting.add(waiting(want)));
        return new JsonObject().put("patience", PATIENCE_MILLIS).put("buckets", buckets).put("charges", service)
                .put("wants", waiting).put("batchEvery", queue.scheduler().batchEvery()).put("reports", told())
                .put("room", MOST_TOLD);
    }

    private static JsonObject bucket(AccountSlice slice, AccountSlice.Report report) {
        return new JsonObject().put("name", slice.name()).put("every", slice.boundsEveryCall())
                .put("capacity", slice.bucket().capacity()).put("refill", slice.bucket().refill())
                .put("period", slice.bucket().seconds()).put("absent", slice.absent()).put("held", report.held())
                .put("returned", report.returned()).put("refund", report.refund()).put("debt", report.debt())
                .put("spare", report.spare());
    }

    private JsonArray told() {
        JsonArray told = new JsonArray();
        queue.reports().news().stream().filter(report -> report.quota().length() <= LONGEST_NAME).limit(MOST_TOLD)
                .forEach(report -> told.add(new JsonArray().add(report.quota()).add(report.limit()).add(report.left())
                        .add(report.perNano())));
        return told;
    }

    private JsonArray waiting(Want want) {
        JsonArray words = new JsonArray().add(want.share().tenant()).add(want.share().weight())
                .add(queue.capacity().cost(want.need())).add(want.calls())
                .add(TimeUnit.NANOSECONDS.toMicros(want.waitNanos())).add(want.lane() == Lane.BATCH);
        for (AccountSlice slice : slices) {
            words.add(queue.quota().due(slice.name(), want.need().model(), want.need().tokens()));
        }
        return words;
    }
}
