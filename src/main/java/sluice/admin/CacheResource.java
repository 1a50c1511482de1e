package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cache.PromptKey;
import sluice.cache.Purge;
import sluice.managed.ManagedLedger;
import sluice.openai.ModelGlob;

/** Removes answers from the cache of all replicas; a team removes those of its own tenant. */
final class CacheResource {
    private static final Logger LOG = LoggerFactory.getLogger(CacheResource.class);
    private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern MODEL = Pattern.compile("[!-~]{1,256}");
    /** Empty for the common one. */
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{0,64}");
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

    private final CachePurges purges;
    private final ManagedLedger ledger;
    private final Work work;

    CacheResource(CachePurges purges, ManagedLedger ledger, Work work) {
        this.purges = purges;
        this.ledger = ledger;
        this.work = work;
    }

    Future<Reply> purge(AdminCall call) {
        call.knows();
        Purge purge = purge(call, call.requiredFields());
        if (purges.busy()) {
            return Future.failedFuture(Fault.of(503, "overloaded",
                    "Too many purges lately. Please purge by model, namespace or tenant instead of key by key."));
        }
        return work.run(call, () -> {
            note(call, purge);
            return purges.here(purge);
        }).compose(removed -> purges.elsewhere(purge).map("all").otherwise("later")
                .map(told -> reply(removed, purges.isShared() ? told : "this")));
    }

    /** What cannot be audited is not done. Without a ledger of all replicas, whose audit it would be, the log has it. */
    private void note(AdminCall call, Purge purge) throws IOException {
        String what = CachePurges.json(purge).encode();
        if (ledger.isShared()) {
            ledger.note(Work.by(call), "cache.purge", purge.tenant().orElse(""), "", what);
        } else {
            LOG.info("the cache is purged by {} ({}): {}", call.principal().name(), call.from(), what);
        }
    }

    private static Purge purge(AdminCall call, Fields fields) {
        Optional<String> tenant = fields.text("tenant", TENANT, "the name of a tenant");
        tenant.ifPresent(call::mustSee);
        Purge purge = new Purge(tenant,
                fields.text("model", MODEL, "the name of a model, or a pattern such as gpt-4o*").map(ModelGlob::new),
                fields.text("namespace", NAMESPACE, "the name of a namespace; empty for the common one"),
                fields.text("key", KEY, "the 64 hexadecimal digits that explain shows").map(PromptKey::named));
        fields.finish();
        if (purge.selectsAll()) {
            throw Fault.invalid("tenant", "tenant, model, namespace or key; all answers have model *");
        }
        return new Purge(tenant.or(call::onlyTenant), purge.model(), purge.namespace(), purge.key());
    }

    private static Reply reply(Purge.Removed removed, String replicas) {
        return Reply.json(new JsonObject().put("object", "cache.purged").put("answers", removed.answers())
                .put("bytes", removed.bytes()).put("replicas", replicas));
    }
}
