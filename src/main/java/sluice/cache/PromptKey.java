package sluice.cache;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Holder;

/** The identity of a prompt: a SHA-256 over who asks, the target, and the canonical body; or of a name for a call. */
public final class PromptKey {
    /** Room for who asks and for the target; no more than a body of which large parts are replaced by digests needs. */
    private static final int AROUND_BODY = 256;
    private static final int MOST_AT_FIRST = 4096;

    private final byte[] digest;
    private final Holder holder;

    private PromptKey(byte[] digest, Holder holder) {
        this.digest = digest;
        this.holder = holder;
    }

    /**
     * The key of a call.
     *
     * @param scope     whose answers may be reused: a tenant's name, or empty for everybody's
     * @param namespace keeps answers apart within it; empty for the common one
     * @param target    path and query at the upstream
     * @param beta      the {@code openai-beta} header, which changes what an endpoint does
     * @param body      a JSON object that has already been parsed without errors
     * @param model     the model if the path names it and the body does not, or null
     */
    public static PromptKey of(String scope, String namespace, String target, @Nullable String beta, byte[] body,
            @Nullable String model) {
        CanonicalJson canonical = new CanonicalJson(Math.min(body.length + AROUND_BODY, MOST_AT_FIRST));
        canonical.text(scope);
        canonical.text(namespace);
        canonical.text(target);
        canonical.text(beta == null ? "" : beta);
        canonical.body(body, model);
        return new PromptKey(canonical.digest(),
                scope.isEmpty() ? new Holder.Everyone() : new Holder.Tenant(scope));
    }

    /** The key of what a tenant calls by this name; never that of a prompt, since no tenant is called like this. */
    static PromptKey ofName(String tenant, String name) {
        CanonicalJson canonical = new CanonicalJson(AROUND_BODY);
        canonical.text(" idempotency-key");
        canonical.text(tenant);
        canonical.text(name);
        return new PromptKey(canonical.digest(), new Holder.Tenant(tenant));
    }

    /**
     * The key with this digest, to find an answer by.
     *
     * @param hex as {@link #hex} writes it
     */
    public static PromptKey named(String hex) {
        return new PromptKey(HexFormat.of().parseHex(hex), new Holder.Everyone());
    }

    /** Its digest in hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(digest);
    }

    /** The holder whose share of the cache the answer takes. */
    public Holder holder() {
        return holder;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PromptKey that && Arrays.equals(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }
}
