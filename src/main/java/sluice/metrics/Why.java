package sluice.metrics;

/**
 * What decided that a call is refused, for whoever looks for it in the log. Texts that do not matter are empty, numbers
 * below 0.
 *
 * @param limit     the limit or budget without room, or what kept the accounts from serving the call
 * @param size      of the limit
 * @param left      of it
 * @param takes     what the call would have taken of it
 * @param waitNanos after which another attempt may fare better
 * @param model     the model that may not be used
 * @param path      the path that leads nowhere
 */
public record Why(String limit, long size, long left, long takes, long waitNanos, String model, String path) {
    /** The status and the code say it all. */
    public static final Why NONE = new Why("", -1, -1, -1, -1, "", "");

    /** A limit, with what is known of it. */
    public static Why limit(String name, long size, long left, long takes, long waitNanos) {
        return new Why(name, size, left, takes, waitNanos, "", "");
    }

    /** A model that may not be used. */
    public static Why model(String name) {
        return new Why("", -1, -1, -1, -1, name, "");
    }

    /** A path that leads nowhere, or not by this method. */
    public static Why path(String path) {
        return new Why("", -1, -1, -1, -1, "", path);
    }
}
