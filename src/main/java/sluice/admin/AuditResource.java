package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.managed.AuditEntry;
import sluice.managed.AuditTable;

/** Who changed what, newest first. */
final class AuditResource {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    private final AuditTable audit;
    private final boolean kept;
    private final Work work;

    /** @param kept whether there is an audit */
    AuditResource(AuditTable audit, boolean kept, Work work) {
        this.audit = audit;
        this.kept = kept;
        this.work = work;
    }

    Future<Reply> list(AdminCall call) {
        call.knows("limit", "cursor", "tenant");
        if (!kept) {
            throw Fault.conflict("ledger_not_shared",
                    "There is no audit: with redis.url, ledger.url must be a PostgreSQL "
                            + "database, which all replicas share.");
        }
        Page page = Page.of(call, NUMBER);
        Optional<String> tenant = call.tenantAsked();
        OptionalLong before = page.after().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(page.after()));
        return work.run(call, () -> audit.read(tenant, before, page.limit() + 1)).map(entries -> reply(page, entries));
    }

    private static Reply reply(Page page, List<AuditEntry> entries) {
        return page.reply(entries.stream(), AuditResource::shown, entry -> Long.toString(entry.number()));
    }

    private static JsonObject shown(AuditEntry entry) {
        return new JsonObject().put("object", "audit").put("number", entry.number()).put("at", entry.at().toString())
                .put("who", entry.by().who()).put("role", entry.by().role()).put("from", entry.by().address())
                .put("action", entry.action()).put("tenant", entry.tenant()).put("subject", entry.subject())
                .put("before", json(entry.before())).put("after", json(entry.after()));
    }

    private static @Nullable JsonObject json(String text) {
        return text.isEmpty() ? null : new JsonObject(text);
    }
}
