package sluice.yaml;

import java.util.regex.Pattern;

/**
 * Where a value is.
 *
 * @param path     for messages, such as {@code tenants[2].rpm}
 * @param shape    the path that all items share, such as {@code tenants[].rpm}
 * @param position of its key in the file, in code points, by which messages are ordered
 */
record Place(String path, String shape, int position) {

    /** The position of a key that is missing from the whole file. */
    static final int NOWHERE = -1;

    static final Place ROOT = new Place("", "", NOWHERE);

    private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_-]+");

    /** Under a key of the mapping here. */
    Place at(String key, int where) {
        return new Place(pathOf(key), shapeOf(key), where);
    }

    /** Under a key that is missing from the mapping here. */
    Place at(String key) {
        return at(key, position);
    }

    /** Under a name that is missing from the mapping here. */
    Place named(String name) {
        return named(name, position);
    }

    /** Under a name in the mapping here, which the user has chosen. */
    Place named(String name, int where) {
        return new Place(pathOf(name), shape + ".*", where);
    }

    /** An item of the list here. */
    Place item(int index, int where) {
        return new Place(path + "[" + index + "]", shape + "[]", where);
    }

    private String pathOf(String key) {
        if (!PLAIN_KEY.matcher(key).matches()) {
            return path + "[\"" + Redaction.shown(key) + "\"]";
        }
        return path.isEmpty() ? key : path + "." + Redaction.shown(key);
    }

    private String shapeOf(String key) {
        return shape.isEmpty() ? key : shape + "." + key;
    }
}
