package sluice.quota;

/** How a call ended, as far as what it has taken is concerned. */
public enum Ending {
    /** Refused by a limit, or failed without its caller's fault, or gone before it was sent: everything goes back. */
    GIVEN_BACK,
    /** The caller's own mistake: its request stays spent, so that nobody hammers for free; its tokens go back. */
    CALLERS_FAULT,
    /** Answered, or cut after its first byte: settled by what it used. */
    USED;

    /** Whether an amount of this unit goes back whole. */
    boolean givesBack(Limit.Unit unit) {
        return switch (this) {
            case GIVEN_BACK -> true;
            case CALLERS_FAULT -> unit == Limit.Unit.TOKENS;
            case USED -> false;
        };
    }
}
