package sluice.cache;

/**
 * A promise to others that an answer is being made: either kept, with the answer, or dropped. Callable from any thread;
 * only the first of both counts.
 */
public interface Claim {

    /** The answer is whole. */
    void keep(WholeAnswer answer);

    /** There will be none. */
    void drop();
}
