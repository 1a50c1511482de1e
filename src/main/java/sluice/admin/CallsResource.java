package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.calls.CallQuery;
import sluice.calls.CallQuery.Column;
import sluice.calls.CallTable;
import sluice.metrics.CallId;
import sluice.time.Time;

/** Single calls, latest first: who called what, the outcome, and the cost. */
final class CallsResource {
    private static final Pattern CURSOR = Pattern.compile("[0-9]{1,15}\\.[A-Za-z0-9._:-]{1,64}");
    private static final Pattern STATUS = Pattern.compile("[1-5][0-9]{2}");
    /** Searched unless more is requested. */
    private static final Duration USUAL = Duration.ofDays(1);
    /** Within which the row of a call follows its arrival: no session of the API's lasts longer than an hour. */
    private static final Duration LONGEST_CALL = Duration.ofHours(2);
    /** A clock may have been set back while the call ran. */
    private static final Duration CLOCK_STEP = Duration.ofSeconds(10);
    private static final Instant END = Instant.parse("2999-12-31T23:59:59Z");

    private final CallTable calls;
    private final boolean kept;
    private final Work work;
    private final Time time;

    /** @param kept whether calls are kept for all replicas */
    CallsResource(CallTable calls, boolean kept, Work work, Time time) {
        this.calls = calls;
        this.kept = kept;
        this.work = work;
        this.time = time;
    }

    Future<Reply> list(AdminCall call) {
        call.knows("tenant", "key", "id", "code", "status", "model", "from", "to", "limit", "cursor");
        if (!kept) {
            throw Fault.conflict("ledger_not_shared", "Calls are not recorded: with redis.url, ledger.url must be a "
                    + "PostgreSQL database, which all replicas share.");
        }
        Page page = Page.of(call, CURSOR);
        boolean team = call.onlyTenant().isPresent();
        Map<Column, String> where = where(call);
        Optional<Instant> arrival = Optional.ofNullable(where.get(Column.ID)).flatMap(CallId::arrival);
        if (where.containsKey(Column.ID) && arrival.isEmpty()) {
            return Future.succeededFuture(reply(page, List.of(), team));
        }
        CallQuery query = new CallQuery(where, from(call, arrival), to(call, arrival),
                page.after().isEmpty() ? Optional.empty() : Optional.of(cursor(page.after())), page.limit() + 1);
        return work.run(call, () -> calls.read(query)).map(found -> reply(page, found, team));
    }

    private static Map<Column, String> where(AdminCall call) {
        Map<Column, String> where = new EnumMap<>(Column.class);
        for (Column column : Column.values()) {
            call.query(column.name().toLowerCase(Locale.ROOT)).ifPresent(value -> where.put(column, value));
        }
        where.computeIfPresent(Column.ID, (column, id) -> id.replaceFirst("^req_", ""));
        call.tenantAsked();
        call.onlyTenant().ifPresent(own -> where.put(Column.TENANT, own));
        Optional.ofNullable(where.get(Column.STATUS)).filter(status -> !STATUS.matcher(status).matches())
                .ifPresent(wrong -> {
                    throw Fault.invalid("status", "a status such as 429");
                });
        return where;
    }

    /** Without a moment, the last day of calls; the rows of a named call begin at its arrival. */
    private Instant from(AdminCall call, Optional<Instant> arrival) {
        return moment(call, "from").or(() -> arrival.map(at -> at.minus(CLOCK_STEP)))
                .orElseGet(() -> moment(call, "to").orElseGet(time::now).minus(USUAL));
    }

    private static Instant to(AdminCall call, Optional<Instant> arrival) {
        return moment(call, "to").or(() -> arrival.map(at -> at.plus(LONGEST_CALL))).orElse(END);
    }

    private static Optional<Instant> moment(AdminCall call, String name) {
        return call.query(name).map(text -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException notOne) {
                throw Fault.invalid(name, "an instant such as 2027-01-31T00:00:00Z");
            }
        });
    }

    private static CallQuery.Cursor cursor(String text) {
        int dot = text.indexOf('.');
        return new CallQuery.Cursor(Long.parseLong(text.substring(0, dot)), text.substring(dot + 1));
    }

    /** Teams do not see accounts. */
    private static Reply reply(Page page, List<CallTable.Found> found, boolean team) {
        return page.reply(found.stream(), each -> {
            JsonObject json = each.json();
            return team ? json.putNull("account") : json;
        }, each -> each.atMillis() + "." + each.id());
    }
}
