package sluice.cluster;

/** Told of every message to the store. */
public interface StoreObserver {

    /** A message is sent. */
    void asked(Script script);

    /** A message was not answered, or not in time. */
    void failed();
}
