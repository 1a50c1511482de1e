package sluice.owners;

/** What happened to a stored object. */
sealed interface Change {

    /** The owner afterwards; empty if nobody. */
    default String owner() {
        return this instanceof Made(StoredObject object) ? object.tenant() : "";
    }

    /** It was made. */
    record Made(StoredObject object) implements Change {}

    /** It was deleted. */
    record Gone(StoredObject.Key key) implements Change {}
}
