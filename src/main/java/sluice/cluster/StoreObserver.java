package sluice.cluster;

/** Notified of every message to the store. */
public interface StoreObserver {

    /** A message is sent. */
    void asked(Script script);

    /** A message failed or timed out. */
    void failed();

    /** It cannot be reached from now on: what that means, and why. */
    void away(String told);

    /** It can be reached again. */
    void back();
}
