package sluice.owners;

/**
 * An object stored by an account, and the tenant it belongs to.
 *
 * @param account     the account that stores it
 * @param id          as the API assigned it
 * @param tenant      its owner
 * @param kind        the path of its collection, such as {@code files}
 * @param sinceMillis since when it belongs to the tenant, in milliseconds since 1970
 */
public record StoredObject(String account, String id, String tenant, String kind, long sinceMillis) {

    /** Its name: ids are unique within an account. */
    Key key() {
        return new Key(account, id);
    }

    /** What identifies an object. */
    record Key(String account, String id) {}
}
