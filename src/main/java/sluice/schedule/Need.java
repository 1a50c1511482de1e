package sluice.schedule;

/**
 * What a call needs of an account, besides one request.
 *
 * @param tenant whose call it is; empty where that does not matter
 * @param model  the model that it asks for
 * @param tier   the service tier that it asks for; empty for the usual one
 * @param tokens that are reserved for it; 0 or more
 */
public record Need(String tenant, String model, String tier, long tokens) {
    /** What a call needs that spends no quota. */
    public static final Need NOTHING = new Need("", "", "", 0);

    /** What a call needs at the default service tier, whoever makes it. */
    public Need(String model, long tokens) {
        this("", model, "", tokens);
    }

    /** The same need with other tokens. */
    public Need withTokens(long changed) {
        return new Need(tenant, model, tier, changed);
    }
}
