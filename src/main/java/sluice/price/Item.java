package sluice.price;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a model is priced by. Each token a call used belongs to one item. */
public enum Item {
    /** Input tokens that no other item covers. */
    INPUT,
    /** Input tokens from the upstream's cache. */
    CACHED_INPUT,
    /** Input tokens put into the upstream's cache. */
    CACHE_WRITE,
    /** Answer tokens that no other item covers, reasoning included. */
    OUTPUT,
    /** Input tokens of audio. */
    AUDIO_INPUT,
    /** Those from the upstream's cache. */
    CACHED_AUDIO_INPUT,
    /** Answer tokens of audio. */
    AUDIO_OUTPUT,
    /** Input tokens of images. */
    IMAGE_INPUT,
    /** Those from the upstream's cache. */
    CACHED_IMAGE_INPUT,
    /** Answer tokens of images. */
    IMAGE_OUTPUT,
    /** Characters of text; priced by the million, as tokens are. */
    CHARACTERS,
    /** Minutes of audio; priced by the minute. */
    MINUTE,
    /** The call itself; priced by the call. */
    REQUEST;

    private static final Item[] ALL = values();

    private final String key = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in tables and in the configuration. */
    public String key() {
        return key;
    }

    /** How many of it the price is for. */
    int per() {
        return this == MINUTE || this == REQUEST ? 1 : 1_000_000;
    }

    /** The names of all items. */
    public static List<String> keys() {
        return Arrays.stream(ALL).map(Item::key).toList();
    }

    /** The item with this name, or null. */
    public static @Nullable Item of(String key) {
        for (Item item : ALL) {
            if (item.key.equals(key)) {
                return item;
            }
        }
        return null;
    }
}
