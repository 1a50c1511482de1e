package sluice.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of a list: what comes after a cursor, in an order that new items do not disturb.
 *
 * @param limit how many items at most
 * @param after the cursor; empty for the first page
 */
record Page(int limit, String after) {
    private static final int MOST = 1_000;
    private static final int USUAL = 100;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,4}");

    /** The page that a call asks for; its cursors have this form. */
    static Page of(AdminCall call, Pattern cursors) {
        int limit = call.query("limit").map(Page::limit).orElse(USUAL);
        Optional<String> after = call.query("cursor");
        if (after.isPresent() && !cursors.matcher(after.get()).matches()) {
            throw Fault.invalid("cursor", "next_cursor of the page before");
        }
        return new Page(limit, after.orElse(""));
    }

    private static int limit(String text) {
        if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MOST) {
            throw Fault.invalid("limit", "a number from 1 to " + MOST);
        }
        return Integer.parseInt(text);
    }

    /**
     * The list as its caller sees it.
     *
     * @param items  after the cursor, at least one more than fits if there are more
     * @param cursor of an item, which asks for those after it
     */
    <T> Reply reply(Stream<T> items, Function<T, JsonObject> shown, Function<T, String> cursor) {
        return reply(items, shown, cursor, new JsonObject());
    }

    /** The same, with more next to the list. */
    <T> Reply reply(Stream<T> items, Function<T, JsonObject> shown, Function<T, String> cursor, JsonObject beside) {
        JsonArray data = new JsonArray();
        String last = null;
        boolean more = false;
        for (Iterator<T> each = items.iterator(); each.hasNext() && !more;) {
            T item = each.next();
            if (data.size() == limit) {
                more = true;
            } else {
                data.add(shown.apply(item));
                last = cursor.apply(item);
            }
        }
        return Reply.json(new JsonObject().put("object", "list").put("data", data).put("has_more", more)
                .put("next_cursor", more ? last : null).mergeIn(beside));
    }
}
