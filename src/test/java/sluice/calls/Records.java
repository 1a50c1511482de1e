package sluice.calls;

import java.time.Instant;
import java.time.LocalDate;
import sluice.openai.Usage;

/** Records of calls for tests. */
final class Records {
    static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

    private Records() {}

    /** A plain one at noon. */
    static CallRecord call(String id) {
        return call(id, NOON, "bot", new Usage(10, 5, 2), "", "");
    }

    static CallRecord call(String id, Instant at, String tenant, Usage usage, String tags, String user) {
        return new CallRecord(at.toEpochMilli(), id, tenant, "0123456789ab", "chat_completions", "gpt-4o", "", "",
                usage,
                false, "MISS", 200, "answered", "", 3, 1_000, 1, "main", tags, user, true, 0, null, 0, "", "");
    }

    /** One that has cost so much. */
    static CallRecord dear(String id, String tenant, long picodollars) {
        return new CallRecord(NOON.toEpochMilli(), id, tenant, "", "chat_completions", "gpt-4o", "gpt-4o", "", null,
                false,
                "MISS", 200, "answered", "", 3, 1_000, 1, "main", "", "", false, picodollars,
                LocalDate.of(2026, 11, 1), 0, "", "");
    }

    /** One in which no field is as in another, and texts hold what is special in JSON and SQL. */
    static CallRecord whole() {
        return new CallRecord(NOON.toEpochMilli() + 1, "id'\"\\\u0000é\uD83D\uDE00", "te\nant", "key", "end", "asked",
                "served", "flex", new Usage(1, 2, 3, new Usage.Details(4, 5, 6, 7, 8, 9, 10, 11, 12)), true, "HIT", 499,
                "client-gone", "code", 13, 14, 15, "account", "a=b,c=d", "user", true, 16, LocalDate.of(2026, 11, 1),
                17, "subject", "user/rpm");
    }
}
