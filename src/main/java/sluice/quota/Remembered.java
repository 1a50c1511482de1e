package sluice.quota;

/** What is left of limits from an earlier process. */
@FunctionalInterface
public interface Remembered {

    /** Nothing is. */
    Remembered NOTHING = (name, limit) -> -1;

    /** What is left of a limit, by its name within its owner; a number below 0 if nothing is known. */
    long of(String name, Limit limit);
}
