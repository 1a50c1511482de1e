package sluice.openai;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Looks through the string of a JSON text, eight bytes at a time. Of eight, those that are looked for have their highest
 * bit set by the usual tricks with bytes, of which the lowest hit is exact (Warren, "Hacker's Delight", 6-1).
 */
public final class PlainText {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long SPACES = ONES * ' ';

    private PlainText() {}

    /** Where the next quote or backslash is, from here on; {@code to} if there is none before that. */
    public static int end(byte[] text, int from, int to) {
        int at = from;
        while (at + Long.BYTES <= to) {
            long eight = (long) EIGHT.get(text, at);
            long hits = (zeros(eight ^ QUOTES) | zeros(eight ^ BACKSLASHES)) & HIGHS;
            if (hits != 0) {
                return at + Long.numberOfTrailingZeros(hits) / Byte.SIZE;
            }
            at += Long.BYTES;
        }
        while (at < to && text[at] != '"' && text[at] != '\\') {
            at++;
        }
        return at;
    }

    /** Likewise, and control characters and bytes beyond ASCII end it too. */
    static int endOfAscii(byte[] text, int from, int to) {
        int at = from;
        while (at + Long.BYTES <= to) {
            long eight = (long) EIGHT.get(text, at);
            long hits = (zeros(eight ^ QUOTES) | zeros(eight ^ BACKSLASHES) | (eight - SPACES) | eight) & HIGHS;
            if (hits != 0) {
                return at + Long.numberOfTrailingZeros(hits) / Byte.SIZE;
            }
            at += Long.BYTES;
        }
        while (at < to && text[at] >= ' ' && text[at] != '"' && text[at] != '\\') {
            at++;
        }
        return at;
    }

    /**
     * The end of one character beyond ASCII; -1 unless its bytes are the shortest encoding of one that is no surrogate
     * (RFC 3629, section 4).
     */
    static int endOfCharacter(byte[] text, int from) {
        int lead = text[from] & 0xFF;
        int end = from + (lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
        if (lead < 0xC2 || lead > 0xF4 || end > text.length) {
            return -1;
        }
        int second = text[from + 1] & 0xFF;
        int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        boolean valid = second >= least && second <= most;
        for (int i = from + 2; valid && i < end; i++) {
            valid = (text[i] & 0xC0) == 0x80;
        }
        return valid ? end : -1;
    }

    private static long zeros(long eight) {
        return (eight - ONES) & ~eight;
    }
}
