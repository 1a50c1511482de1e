package sluice.owners;

/**
 * An object that an account stores, and the tenant that it belongs to.
 *
 * @param account     that stores it
 * @param id          that the API gave it
 * @param tenant      its owner
 * @param kind        the path of its collection, such as {@code files}
 * @param sinceMillis since when it belongs to the tenant, in milliseconds since 1970
 */
public record StoredObject(String account, String id, String tenant, String kind, long sinceMillis) {

    /** Its name: ids are unique within an account. */
    Key key() {
        return new Key(account, id);
    }

    /** What an object is known by. */
    record Key(String account, String id) {}
}
