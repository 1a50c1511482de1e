package sluice.isolation;

/** Whether something that is shared was given, and if not, why. */
public enum Room {
    /** It is held now. */
    GIVEN,
    /** Whoever asked holds as much as is still free. */
    OWN_SHARE,
    /** There is no more of it. */
    NONE;

    public boolean given() {
        return this == GIVEN;
    }
}
