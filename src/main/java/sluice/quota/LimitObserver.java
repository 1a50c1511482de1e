package sluice.quota;

/** Notified of every decision of every limit. */
@FunctionalInterface
public interface LimitObserver {

    /**
     * A limit has decided.
     *
     * @param limit   its key, such as {@code rpm} or {@code rpm gpt-4o*}
     * @param granted whether it had room
     */
    void decided(String limit, boolean granted);
}
