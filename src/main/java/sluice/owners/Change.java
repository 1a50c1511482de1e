package sluice.owners;

/** What has become of an object. */
sealed interface Change {

    /** Whose the object is then; empty for nobody's. */
    default String owner() {
        return this instanceof Made(StoredObject object) ? object.tenant() : "";
    }

    /** It was made. */
    record Made(StoredObject object) implements Change {}

    /** It was deleted. */
    record Gone(StoredObject.Key key) implements Change {}
}
