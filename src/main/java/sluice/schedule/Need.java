package sluice.schedule;

/**
 * What a call needs from an account, besides one request.
 *
 * @param tenant whose call it is; empty where that does not matter
 * @param model  the model it asks for
 * @param tier   the service tier it asks for; empty for the default one
 * @param tokens reserved for it; 0 or more
 */
public record Need(String tenant, String model, String tier, long tokens) {
    /** The need of a call that spends no quota. */
    public static final Need NOTHING = new Need("", "", "", 0);

    /** A need at the default service tier, whichever tenant it is. */
    public Need(String model, long tokens) {
        this("", model, "", tokens);
    }

    /** The same need with a different number of tokens. */
    public Need withTokens(long changed) {
        return new Need(tenant, model, tier, changed);
    }
}
