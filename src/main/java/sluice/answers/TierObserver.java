package sluice.answers;

/** Notified of every look for a shared answer. */
public interface TierObserver {

    /** What came of it. */
    void looked(String tier, String result);

    /** How long it took, in nanoseconds. */
    void took(String tier, long nanos);
}
