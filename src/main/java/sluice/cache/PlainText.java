package sluice.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks through the string of a JSON text, eight bytes at a time. */
final class PlainText {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';

    private PlainText() {}

    /**
     * Where the next quote or backslash is, from here on; there must be one. Of eight bytes, those that equal one of the
     * two have their highest bit set by the usual trick with zero bytes, of which the lowest hit is exact (Warren, "Hacker's
     * Delight", 6-1).
     */
    static int end(byte[] text, int from) {
        int at = from;
        while (at + Long.BYTES <= text.length) {
            long eight = (long) EIGHT.get(text, at);
            long hits = zeros(eight ^ QUOTES) | zeros(eight ^ BACKSLASHES);
            if (hits != 0) {
                return at + Long.numberOfTrailingZeros(hits) / Byte.SIZE;
            }
            at += Long.BYTES;
        }
        while (text[at] != '"' && text[at] != '\\') {
            at++;
        }
        return at;
    }

    private static long zeros(long eight) {
        return (eight - ONES) & ~eight & HIGHS;
    }
}
