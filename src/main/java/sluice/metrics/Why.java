package sluice.metrics;

/**
 * What decided a refusal, for the log. Irrelevant texts are empty, irrelevant numbers negative.
 *
 * @param limit     the limit or budget without room, or the reason the accounts could not serve the call
 * @param size      of the limit
 * @param left      of it
 * @param takes     what the call would have taken of it
 * @param waitNanos after which another attempt may succeed
 * @param model     the model that may not be used
 * @param path      the unknown path
 */
public record Why(String limit, long size, long left, long takes, long waitNanos, String model, String path) {
    /** The status and the code say everything. */
    public static final Why NONE = new Why("", -1, -1, -1, -1, "", "");

    /** A limit, with what is known of it. */
    public static Why limit(String name, long size, long left, long takes, long waitNanos) {
        return new Why(name, size, left, takes, waitNanos, "", "");
    }

    /** A model that may not be used. */
    public static Why model(String name) {
        return new Why("", -1, -1, -1, -1, name, "");
    }

    /** A path that does not exist, or not for this method. */
    public static Why path(String path) {
        return new Why("", -1, -1, -1, -1, "", path);
    }
}
