package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.identity.Subjects;
import sluice.managed.InForce;
import sluice.managed.KeyChanges;
import sluice.managed.KnownKey;
import sluice.managed.ManagedKey;
import sluice.managed.ManagedLedger;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.KeyRevocation;
import sluice.tenancy.KeyText;
import sluice.time.Time;

/** The keys of tenants, by id: the first 12 digits of the digest, as logs and the configuration show it. */
final class KeysResource {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{12}");
    private static final Pattern LABEL = Pattern.compile("[\\x20-\\x7e]{0,100}");
    private static final String A_LABEL = "at most 100 printable characters of ASCII";
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern ISSUER = Pattern.compile("certificate|https?://[!-~]{1,1000}");
    private static final Pattern SUBJECT = Pattern.compile("[!-~]{1,256}");
    private static final long DAY = Duration.ofDays(1).toSeconds();
    private static final long LONGEST_GRACE = Duration.ofDays(30).toSeconds();

    private final InForce inForce;
    private final KeyChanges changes;
    private final KeyRevocation revocation;
    private final ManagedLedger ledger;
    private final Work work;
    private final Time time;

    KeysResource(InForce inForce, KeyChanges changes, KeyRevocation revocation, ManagedLedger ledger, Work work,
            Time time) {
        this.inForce = inForce;
        this.changes = changes;
        this.revocation = revocation;
        this.ledger = ledger;
        this.work = work;
        this.time = time;
    }

    Future<Reply> list(AdminCall call) {
        call.knows("limit", "cursor", "tenant", "revoked");
        Page page = Page.of(call, ID);
        Optional<String> asked = call.tenantAsked();
        Optional<String> tenant = call.onlyTenant().or(() -> asked);
        Optional<String> revoked = call.query("revoked");
        if (revoked.isPresent() && !List.of("true", "false").contains(revoked.get())) {
            throw Fault.invalid("revoked", "true or false");
        }
        Stream<KnownKey> all = tenant.map(name -> inForce.keysOf(name).stream()
                .filter(key -> key.id().compareTo(page.after()) > 0))
                .orElseGet(() -> inForce.keysAfter(page.after()).values().stream());
        return work.reckon(call, () -> page.reply(
                all.filter(key -> revoked.isEmpty() || revoked.get().equals(Boolean.toString(isRevoked(key)))),
                this::shown, KnownKey::id));
    }

    Future<Reply> ofTenant(AdminCall call) {
        call.knows("limit", "cursor");
        String tenant = call.tenant();
        call.mustSee(tenant);
        if (inForce.tenant(tenant).isEmpty()) {
            throw Fault.absent("tenant", tenant);
        }
        Page page = Page.of(call, ID);
        return Future.succeededFuture(page.reply(
                inForce.keysOf(tenant).stream().filter(key -> key.id().compareTo(page.after()) > 0), this::shown,
                KnownKey::id));
    }

    Future<Reply> get(AdminCall call) {
        call.knows();
        return Future.succeededFuture(Reply.json(shown(mine(call))));
    }

    Future<Reply> issue(AdminCall call) {
        call.knows();
        String tenant = call.tenant();
        call.mustSee(tenant);
        Fields fields = call.fields();
        KeyChanges.Wish wish = new KeyChanges.Wish(fields.text("label", LABEL, A_LABEL).orElse(""),
                fields.moment("not_after"),
                fields.text("sha256", DIGEST, "64 hexadecimal digits in lower case").map(KeyDigest::fromHex));
        fields.finish();
        return work.run(call, () -> changes.issue(Work.by(call), Work.once(call), tenant, wish)).map(this::issued);
    }

    Future<Reply> rotate(AdminCall call) {
        call.knows();
        String id = mine(call).id();
        Fields fields = call.fields();
        Duration grace = Duration.ofSeconds(fields.number("grace_seconds", 0, LONGEST_GRACE).orElse(DAY));
        fields.finish();
        return work.run(call, () -> changes.rotate(Work.by(call), Work.once(call), id, grace)).map(this::issued);
    }

    Future<Reply> change(AdminCall call) {
        call.knows();
        String id = mine(call).id();
        Fields fields = call.requiredFields();
        Optional<String> label = fields.text("label", LABEL, A_LABEL);
        Optional<Instant> end = fields.moment("not_after");
        boolean ends = fields.has("not_after");
        fields.finish();
        return work.run(call, () -> changes.change(Work.by(call), id, key -> {
            ManagedKey named = label.map(key::labelled).orElse(key);
            return ends ? named.ending(end) : named;
        }))
                .map(made -> Reply.json(shown(known(id))));
    }

    Future<Reply> delete(AdminCall call) {
        call.knows();
        String id = mine(call).id();
        return work.run(call, () -> changes.delete(Work.by(call), id))
                .map(made -> Reply
                        .json(new JsonObject().put("object", "key.deleted").put("id", id).put("deleted", true)));
    }

    /** It need not be known any more: a revocation outlives its tenant. */
    Future<Reply> revoke(AdminCall call, boolean revoked) {
        call.knows();
        String id = id(call);
        Optional<KnownKey> known = inForce.key(id);
        known.ifPresent(key -> mine(call));
        if (known.isEmpty() && !(call.onlyTenant().isEmpty() && revocation.revocations().has(id))) {
            throw Fault.absent("key", id);
        }
        return revoked(call, known.map(KnownKey::tenant).orElse(""), id, revoked);
    }

    /** For any tenant: the rules in effect decide which one a token or a certificate belongs to. */
    Future<Reply> revokeSubject(AdminCall call) {
        call.knows();
        Fields fields = call.requiredFields();
        String issuer = fields.required("issuer", ISSUER, "the 'iss' of its tokens, or certificate");
        String subject = fields.required("subject", SUBJECT,
                "the 'sub' of its tokens, or the name in its certificate, 1 to 256 characters");
        fields.finish();
        return revoked(call, "", Subjects.id(issuer, subject), true);
    }

    private Future<Reply> revoked(AdminCall call, String tenant, String id, boolean revoked) {
        return revocation.change(id, revoked, () -> write(call, tenant, id, revoked))
                .map(done -> Reply.json(new JsonObject().put("key", id).put("revoked", revoked)))
                .recover(lost -> Future.failedFuture(Fault.of(503, "not_shared", "This is in effect on this replica, "
                        + "but could be neither stored nor sent to the others. Please retry.")));
    }

    private void write(AdminCall call, String tenant, String id, boolean revoked) throws IOException {
        ledger.revoke(Work.by(call), tenant, id, revoked);
    }

    private Reply issued(KeyChanges.Issued issued) {
        JsonObject key = shown(known(issued.made().subject())).put("key",
                issued.text().map(KeyText::reveal).orElse(null));
        return TenantsResource.replayed(issued.made(), Reply.created(key));
    }

    private static String id(AdminCall call) {
        String id = call.path("id");
        if (!ID.matcher(id).matches()) {
            throw Fault.of(400, "invalid_key_id", "A key's id is the first 12 hexadecimal digits of its digest.");
        }
        return id;
    }

    /** The key that a call is about; another tenant's does not exist for a team. */
    private KnownKey mine(AdminCall call) {
        KnownKey key = known(id(call));
        if (!call.principal().sees(key.tenant())) {
            throw Fault.absent("key", key.id());
        }
        return key;
    }

    private KnownKey known(String id) {
        return inForce.key(id).orElseThrow(() -> Fault.absent("key", id));
    }

    private boolean isRevoked(KnownKey key) {
        return revocation.revocations().has(key.id());
    }

    private JsonObject shown(KnownKey key) {
        Optional<ManagedKey> managed = key.managed();
        String state = isRevoked(key) ? "revoked" : key.ended(time.now()) ? "expired" : "active";
        return new JsonObject().put("object", "key").put("id", key.id()).put("tenant", key.tenant())
                .put("origin", managed.isPresent() ? "managed" : "declared").put("sha256", key.digest().hex())
                .put("state", state).put("label", managed.map(ManagedKey::label).orElse(null))
                .put("created_at", managed.map(each -> each.created().toString()).orElse(null))
                .put("created_by", managed.map(ManagedKey::createdBy).orElse(null))
                .put("not_after", key.notAfter().map(Instant::toString).orElse(null))
                .put("replaced_by", managed.flatMap(ManagedKey::replacedBy).orElse(null));
    }
}
