package sluice.cache;

/** What a call that follows another should do before it has read anything. */
public sealed interface Turn {

    /** Nothing has arrived yet. */
    record Wait() implements Turn {}

    /** The answer has begun. */
    record Read(Flight.Head head) implements Turn {}

    /** The leader has failed, and this call takes its place. */
    record Lead(Leader leader) implements Turn {}

    /** There is nobody left to follow. */
    record GoAlone() implements Turn {}
}
