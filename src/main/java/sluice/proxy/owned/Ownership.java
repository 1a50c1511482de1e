package sluice.proxy.owned;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import sluice.openai.Endpoint;
import sluice.owners.Owners;
import sluice.owners.OwnersAway;
import sluice.proxy.Exchange.OfCaller;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.tenancy.TenantDirectory;

/**
 * Which stored objects a call may touch. Where an account is the home of several tenants, each has only what it has made
 * itself. Objects without a known owner are left to a tenant that is the only one with a grant for stored objects there.
 *
 * @param owners    of stored objects
 * @param directory the tenants in effect
 * @param shared    the accounts whose tenants share what they store
 * @param kept      whether owners are recorded at all: only if all replicas share the ledger
 */
public record Ownership(Owners owners, TenantDirectory directory, Set<String> shared, boolean kept) {

    public Ownership {
        shared = Set.copyOf(shared);
    }

    /** Whether it restricts a call. */
    public boolean holds(OfCaller call) {
        String home = call.declared().home();
        return kept && !shared.contains(home) && directory.isShared(home);
    }

    /**
     * Whether what a call stores may matter to another tenant. Answers are many, and gone after a month: for a tenant that
     * has an account to itself their owners are not recorded.
     */
    public boolean isShared(OfCaller call) {
        return kept && directory.isShared(call.declared().home());
    }

    /** Succeeds if a call may touch all of these objects; otherwise fails with a {@link Refusal}. */
    public Future<Void> check(OfCaller call, Collection<String> ids) {
        if (ids.isEmpty() || !holds(call)) {
            return Future.succeededFuture();
        }
        return foreign(call, ids).compose(foreign -> foreign.isEmpty()
                ? Future.succeededFuture()
                : Refusal.of(new Reason.ObjectNotFound(ids.stream().filter(foreign::contains).findFirst().orElse(""))));
    }

    /** Those of these objects that a call must not touch; fails with a {@link Refusal} if that is unknown. */
    Future<Set<String>> foreign(OfCaller call, Collection<String> ids) {
        String tenant = call.tenant();
        // A webhook announces the ids of incoming telephone calls.
        boolean unowned = directory.keepsAlone(call.declared()) || call.endpoint() == Endpoint.LIVE_CALLS;
        return owners.of(call.declared().home(), ids).map(known -> {
            Set<String> foreign = new HashSet<>();
            for (String id : ids) {
                String owner = known.get(id);
                if (owner == null ? !unowned : !owner.equals(tenant)) {
                    foreign.add(id);
                }
            }
            return foreign;
        }).recover(Ownership::away);
    }

    /** Whether a call may see anything of a kind at all. */
    Future<Boolean> seesAny(OfCaller call, String kind) {
        return directory.keepsAlone(call.declared())
                ? Future.succeededFuture(true)
                : owners.ownsAny(call.declared().home(), call.tenant(), kind).recover(Ownership::away);
    }

    /** A call has made an object. */
    public void made(OfCaller call, String kind, String id) {
        if (kept) {
            owners.made(call.declared().home(), call.tenant(), kind, id);
        }
    }

    /** A call over a WebSocket was answered by a response with this id. */
    public void answered(OfCaller call, String id) {
        if (isShared(call)) {
            made(call, "responses", id);
        }
    }

    /** A call has deleted an object. */
    public void gone(OfCaller call, String id) {
        if (kept) {
            owners.gone(call.declared().home(), id);
        }
    }

    private static <T> Future<T> away(Throwable failure) {
        return failure instanceof OwnersAway away
                ? Refusal.of(new Reason.OwnersUnavailable(String.valueOf(away.getMessage())))
                : Future.failedFuture(failure);
    }
}
