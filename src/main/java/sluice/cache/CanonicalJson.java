package sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.openai.PlainText;

/**
 * A byte encoding that is the same for two JSON bodies if and only if they mean the same: object fields in a fixed
 * order, numbers and strings by value, arrays as they are. Every value carries its length or an end mark, so no
 * encoding is ambiguous. Bodies have already been parsed, so nothing is checked again here.
 *
 * <p>A string, array or object of more than {@value #LARGE} bytes is replaced by its SHA-256, so that a body of many
 * megabytes is read without being copied.
 */
final class CanonicalJson {
    private static final byte[] MODEL = "model".getBytes(UTF_8);
    /** A type mark and the length. */
    private static final int TEXT_HEAD = 1 + Integer.BYTES;
    private static final int LARGE = 1024;
    /** The most exponent digits that surely fit into a long, whatever is added. */
    private static final int LONGEST_EXPONENT = 17;

    /** A field's position in the output: its start, the end of its name, its end. */
    private record Field(int from, int nameTo, int to) {}

    private byte[] in = {};
    private int at;
    private byte[] out;
    private int length;

    CanonicalJson(int expectedLength) {
        out = new byte[expectedLength];
    }

    /** The SHA-256 of everything added. */
    byte[] digest() {
        MessageDigest digest = Sha256.begun();
        digest.update(out, 0, length);
        return digest.digest();
    }

    /** Adds a whole body; {@code model}, unless null, replaces the field of that name. */
    void body(byte[] body, @Nullable String model) {
        in = body;
        at = 0;
        next();
        object(RequestPart.ROOT, model);
    }

    /** Adds a string. */
    void text(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        int start = beginText();
        put(bytes, 0, bytes.length);
        endText(start);
    }

    /**
     * Skips to the next value or closing bracket and returns its first byte; commas and colons carry no meaning here.
     */
    private byte next() {
        while ((in[at] >= 0 && in[at] <= ' ') || in[at] == ',' || in[at] == ':') {
            at++;
        }
        return in[at];
    }

    private void value(RequestPart part) {
        switch (next()) {
            case '{' -> object(part, null);
            case '[' -> array();
            case '"' -> string();
            case 't' -> word('t', "true");
            case 'f' -> word('f', "false");
            case 'n' -> word('0', "null");
            default -> number();
        }
    }

    private void word(char mark, String word) {
        put(mark);
        at += word.length();
    }

    private void array() {
        put('[');
        at++;
        int start = length;
        MessageDigest folded = null;
        while (next() != ']') {
            value(RequestPart.ELSEWHERE);
            if (length - start > LARGE) {
                folded = fold(folded, start);
            }
        }
        at++;
        close(folded, start);
        put(']');
    }

    /** Moves the output from {@code start} on into a digest. */
    private MessageDigest fold(@Nullable MessageDigest folded, int start) {
        MessageDigest digest = folded == null ? Sha256.begun() : folded;
        digest.update(out, start, length - start);
        length = start;
        return digest;
    }

    /** Replaces the output from {@code start} on with its digest, if part of it was folded already. */
    private void close(@Nullable MessageDigest folded, int start) {
        if (folded != null) {
            byte[] digest = fold(folded, start).digest();
            put('#');
            put(digest, 0, digest.length);
        }
    }

    private void object(RequestPart part, @Nullable String model) {
        put('{');
        at++;
        int start = length;
        List<Field> fields = new ArrayList<>();
        if (model != null) {
            text("model");
            int nameTo = length;
            text(model);
            fields.add(new Field(start, nameTo, length));
        }
        while (next() != '}') {
            int from = length;
            string();
            int nameTo = length;
            value(part.under(out, from + TEXT_HEAD, nameTo));
            if (part.ignores(out, from + TEXT_HEAD, nameTo) || (model != null && isText(from, nameTo, MODEL))) {
                length = from;
            } else {
                fields.add(new Field(from, nameTo, length));
            }
        }
        at++;
        close(fields, start);
        put('}');
    }

    private boolean isText(int from, int to, byte[] text) {
        return Arrays.equals(out, from + TEXT_HEAD, to, text, 0, text.length);
    }

    /** Sorts the fields; a large object keeps only their digest, so that enclosing objects do not copy them again. */
    private void close(List<Field> fields, int start) {
        byte[] written = out;
        fields.sort((one, two) -> Arrays.compare(written, one.from(), one.nameTo(), written, two.from(), two.nameTo()));
        if (length - start > LARGE) {
            MessageDigest digest = Sha256.begun();
            fields.forEach(field -> digest.update(written, field.from(), field.to() - field.from()));
            length = start;
            put('#');
            put(digest.digest(), 0, digest.getDigestLength());
        } else {
            byte[] unsorted = Arrays.copyOfRange(out, start, length);
            length = start;
            fields.forEach(field -> put(unsorted, field.from() - start, field.to() - field.from()));
        }
    }

    /** Its length, then its characters in UTF-8, lone surrogates included. */
    private void string() {
        int start = beginText();
        MessageDigest folded = null;
        int from = ++at;
        at = PlainText.end(in, at, in.length);
        while (in[at] == '\\') {
            folded = characters(folded, start, from);
            escape();
            from = at;
            at = PlainText.end(in, at, in.length);
        }
        folded = characters(folded, start, from);
        at++;
        if (folded == null) {
            endText(start);
        } else {
            digest(folded, start);
        }
    }

    /** Appends the characters up to here, or digests them without copying once there are many. */
    private @Nullable MessageDigest characters(@Nullable MessageDigest folded, int start, int from) {
        int count = at - from;
        if (length - start + count <= LARGE) {
            put(in, from, count);
            return folded;
        }
        MessageDigest digest = fold(folded, start);
        digest.update(in, from, count);
        return digest;
    }

    /** Replaces a text with its digest. */
    private void digest(MessageDigest folded, int start) {
        byte[] digest = fold(folded, start).digest();
        length = start - TEXT_HEAD;
        put('S');
        put(digest, 0, digest.length);
    }

    private void escape() {
        byte b = in[at + 1];
        at += 2;
        switch (b) {
            case 'b' -> put('\b');
            case 'f' -> put('\f');
            case 'n' -> put('\n');
            case 'r' -> put('\r');
            case 't' -> put('\t');
            case 'u' -> unicode();
            default -> put(b);
        }
    }

    private void unicode() {
        char unit = hex(at);
        at += 4;
        if (Character.isHighSurrogate(unit) && in[at] == '\\' && in[at + 1] == 'u'
                && Character.isLowSurrogate(hex(at + 2))) {
            int point = Character.toCodePoint(unit, hex(at + 2));
            at += 6;
            put(0xF0 | (point >> 18));
            put(0x80 | ((point >> 12) & 0x3F));
            put(0x80 | ((point >> 6) & 0x3F));
            put(0x80 | (point & 0x3F));
        } else if (unit >= 0x800) {
            put(0xE0 | (unit >> 12));
            put(0x80 | ((unit >> 6) & 0x3F));
            put(0x80 | (unit & 0x3F));
        } else if (unit >= 0x80) {
            put(0xC0 | (unit >> 6));
            put(0x80 | (unit & 0x3F));
        } else {
            put(unit);
        }
    }

    private char hex(int from) {
        int unit = 0;
        for (int i = from; i < from + 4; i++) {
            unit = unit << 4 | Character.digit(in[i], 16);
        }
        return (char) unit;
    }

    /** Sign, digits without zeros at either end, and power of ten: 1, 1.0 and 10e-1 are the same number. */
    private void number() {
        int from = at;
        put('n');
        boolean negative = in[at] == '-';
        if (negative) {
            put('-');
            at++;
        }
        int start = length;
        int end = start;
        long power = 0;
        boolean fraction = false;
        for (byte b = in[at]; (b >= '0' && b <= '9') || b == '.'; b = in[++at]) {
            if (b == '.') {
                fraction = true;
                continue;
            }
            power -= fraction ? 1 : 0;
            if (b != '0' || length > start) {
                put(b);
                end = b == '0' ? end : length;
            }
        }
        power += length - end;
        length = end;
        if (length == start) {
            length = negative ? start - 1 : start;
            power = 0;
            skipNumber();
        } else if (!exponent(power)) {
            length = negative ? start - 1 : start;
            skipNumber();
            put(in, from, at - from);
        }
        put(';');
    }

    /** Appends the power of ten plus any exponent that follows; false if the exponent is absurdly long. */
    private boolean exponent(long power) {
        long exponent = 0;
        if (in[at] == 'e' || in[at] == 'E') {
            at++;
            boolean negative = in[at] == '-';
            at += negative || in[at] == '+' ? 1 : 0;
            int digits = 0;
            for (byte b = in[at]; b >= '0' && b <= '9'; b = in[++at]) {
                exponent = exponent * 10 + b - '0';
                digits += exponent == 0 ? 0 : 1;
                if (digits > LONGEST_EXPONENT) {
                    return false;
                }
            }
            exponent = negative ? -exponent : exponent;
        }
        long sum = power + exponent;
        put('e');
        if (sum >= 0 && sum < 10) {
            put('0' + (int) sum);
        } else {
            byte[] text = Long.toString(sum).getBytes(UTF_8);
            put(text, 0, text.length);
        }
        return true;
    }

    private void skipNumber() {
        while (in[at] > ' ' && in[at] != ',' && in[at] != ']' && in[at] != '}') {
            at++;
        }
    }

    /** Starts a text and returns where its characters begin. */
    private int beginText() {
        put('s');
        ensure(Integer.BYTES);
        length += Integer.BYTES;
        return length;
    }

    private void endText(int start) {
        int size = length - start;
        out[start - 4] = (byte) (size >>> 24);
        out[start - 3] = (byte) (size >>> 16);
        out[start - 2] = (byte) (size >>> 8);
        out[start - 1] = (byte) size;
    }

    private void put(int b) {
        ensure(1);
        out[length++] = (byte) b;
    }

    private void put(byte[] bytes, int from, int count) {
        ensure(count);
        System.arraycopy(bytes, from, out, length, count);
        length += count;
    }

    private void ensure(int more) {
        if (length + more > out.length) {
            out = Arrays.copyOf(out, Math.max(out.length * 2, length + more));
        }
    }
}
