package sluice.calls;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Part;
import sluice.isolation.Room;
import sluice.isolation.Shared;
import sluice.ledger.Ledger;

/** Answers questions about usage, off the event loops and few at a time. */
public final class UsageReports {
    private static final Logger LOG = LoggerFactory.getLogger(UsageReports.class);
    /** Reports that are being made or wait for their turn. */
    private static final int MOST = 16;
    private static final int AT_ONCE = 2;

    /** There is no report. It carries no stack trace. */
    public static final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** Why not. */
        public enum Why {
            /** Each process has its own ledger, so none knows the total usage. */
            NOT_SHARED,
            /** The database is unavailable. */
            AWAY,
            /** Too many ask at once. */
            BUSY
        }

        private final Why why;
        private final transient Room room;

        Unavailable(Why why, Room room) {
            super(why.name(), null, false, false);
            this.why = why;
            this.room = room;
        }

        public Why why() {
            return why;
        }

        /** For {@link Why#BUSY}, whether for all or for this asker. */
        public Room room() {
            return room;
        }
    }

    /**
     * An answer, written out.
     *
     * @param next the cursor of the next page, if there is one
     */
    public record Told(String contentType, String text, Optional<String> next) {}

    private final Optional<UsageTable> table;
    private final DoubleSupplier behindSeconds;
    private final WorkerExecutor workers;
    private final Bulkhead places = Bulkhead.of("usage-reports", MOST);

    /**
     * @param ledger        empty if calls are not kept
     * @param behindSeconds the age of the oldest call that the ledger does not have yet
     */
    public UsageReports(Vertx vertx, Optional<Ledger> ledger, DoubleSupplier behindSeconds) {
        this.table = ledger.map(UsageTable::new);
        this.behindSeconds = behindSeconds;
        this.workers = vertx.createSharedWorkerExecutor("sluice-usage", AT_ONCE);
    }

    /** Answers, or fails with {@link Unavailable}. */
    public Future<Told> of(UsageQuery query, Holder asker) {
        if (table.isEmpty()) {
            return Future.failedFuture(new Unavailable(Unavailable.Why.NOT_SHARED, Room.GIVEN));
        }
        Part place = places.part(asker);
        Room room = place.take(1);
        if (!room.given()) {
            place.close();
            return Future.failedFuture(new Unavailable(Unavailable.Why.BUSY, room));
        }
        return workers.executeBlocking(() -> told(report(query, table.get().read(query))), false)
                .onComplete(over -> place.close())
                .map(told -> Objects.requireNonNull(told))
                .recover(failure -> {
                    if (!(failure instanceof IOException)) {
                        LOG.error("failed to read usage", failure);
                    }
                    return Future.failedFuture(new Unavailable(Unavailable.Why.AWAY, Room.GIVEN));
                });
    }

    /** What the calls of a day of UTC at these accounts have cost, in picodollars; fails if that is not known. */
    public Future<Long> costOf(LocalDate day, List<String> accounts) {
        return table.isEmpty()
                ? Future.failedFuture(new Unavailable(Unavailable.Why.NOT_SHARED, Room.GIVEN))
                : workers.executeBlocking(() -> table.get().costOf(day, accounts), false).map(Objects::requireNonNull);
    }

    private static Told told(UsageReport report) {
        return new Told(report.contentType(), report.text(), report.next());
    }

    private UsageReport report(UsageQuery query, List<UsageReport.Row> rows) {
        boolean more = rows.size() > query.limit();
        List<UsageReport.Row> shown = more ? rows.subList(0, query.limit()) : rows;
        return new UsageReport(query, shown,
                more ? Optional.of(UsageQueryReader.cursor(shown.getLast().group())) : Optional.empty(),
                behindSeconds.getAsDouble());
    }

    /** Ends what still reads; nobody may ask any more. */
    public Future<Void> close() {
        return workers.close();
    }

    /** How full it is. */
    public Shared shared() {
        return places.shared();
    }
}
