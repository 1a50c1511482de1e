package sluice.net;

/** Header names seen before, so that the same few are not made anew for every message. For one event loop. */
public final class NameCache {
    private static final int SLOTS = 256;
    private static final int LONGEST = 64;

    private final String[] slots = new String[SLOTS];

    /** The name in these US-ASCII bytes. */
    @SuppressWarnings("deprecation") // Nothing is faster for bytes known to be US-ASCII.
    public String name(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length > LONGEST) {
            return new String(bytes, 0, from, length);
        }
        int hash = length;
        for (int at = from; at < to; at++) {
            hash = hash * 31 + bytes[at];
        }
        int slot = (hash ^ hash >>> 16) & (SLOTS - 1);
        String known = slots[slot];
        if (known == null || !is(known, bytes, from, length)) {
            known = new String(bytes, 0, from, length);
            slots[slot] = known;
        }
        return known;
    }

    private static boolean is(String name, byte[] bytes, int from, int length) {
        if (name.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
