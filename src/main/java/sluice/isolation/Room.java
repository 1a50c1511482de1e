package sluice.isolation;

/** Whether a shared resource was given, and if not, why. */
public enum Room {
    /** The holder has it now. */
    GIVEN,
    /** The holder already holds as much as it may. */
    OWN_SHARE,
    /** Not enough remains. */
    NONE;

    public boolean given() {
        return this == GIVEN;
    }
}
