package sluice.cluster;

/** Notified of every message to the store. */
public interface StoreObserver {

    /** A message is sent. */
    void asked(Script script);

    /** A message failed or timed out. */
    void failed();
}
