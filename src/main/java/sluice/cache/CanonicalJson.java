package sluice.cache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are the same for two JSON bodies exactly if they mean the same: object fields in the order of their names,
 * numbers and strings by value, arrays as they are. Every value says its own length or end, so that no two bodies run
 * into each other.
 */
final class CanonicalJson {
    /** Fields that change nothing in the answer. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("user", "metadata", "safety_identifier",
            "prompt_cache_key", "prompt_cache_retention");
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();

    private static final int LARGE = 1024;

    /** A field of an object, and where it stands in the output. */
    private record Field(String name, int from, int to) {}

    private byte[] out;
    private int length;

    CanonicalJson(int expectedLength) {
        out = new byte[expectedLength];
    }

    /** The SHA-256 of all that was added. */
    byte[] digest() {
        MessageDigest digest = sha256();
        digest.update(out, 0, length);
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Adds a whole body; {@code model} stands in place of the field of that name. */
    void body(byte[] body, @Nullable String model) {
        try (JsonParser parser = JSON.createParser(body)) {
            parser.nextToken();
            object(parser, "", model);
        } catch (IOException e) {
            throw new UncheckedIOException("a body that was read before", e);
        }
    }

    /** Adds a string: its length, then its characters, lone surrogates included. */
    void text(String text) {
        text(text.toCharArray(), 0, text.length());
    }

    private void text(char[] chars, int from, int count) {
        put('s');
        ensure(Integer.BYTES + count);
        int start = length + Integer.BYTES;
        int lengthAt = length;
        length = start;
        for (int i = from; i < from + count; i++) {
            char c = chars[i];
            if (c < 0x80) {
                out[length++] = (byte) c;
            } else {
                wide(c);
                ensure(from + count - i);
            }
        }
        int end = length;
        length = lengthAt;
        length(end - start);
        length = end;
    }

    private void value(JsonParser parser, String path) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, path, null);
            case START_ARRAY -> {
                put('[');
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    value(parser, "[");
                }
                put(']');
            }
            case VALUE_STRING ->
                text(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                put('n');
                text(number(parser.getText()));
            }
            case VALUE_TRUE -> put('t');
            case VALUE_FALSE -> put('f');
            default -> put('0');
        }
    }

    /** The path is empty for the root, the field's name just below it, and of no matter deeper. */
    private void object(JsonParser parser, String path, @Nullable String model) throws IOException {
        put('{');
        int start = length;
        List<Field> fields = new ArrayList<>();
        if (model != null) {
            int from = length;
            text("model");
            text(model);
            fields.add(new Field("model", from, length));
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            if (withoutEffect(path, name) || (model != null && name.equals("model"))) {
                parser.skipChildren();
                continue;
            }
            int from = length;
            text(name);
            value(parser, path.isEmpty() && !name.isEmpty() ? name : "[");
            fields.add(new Field(name, from, length));
        }
        sort(fields, start);
        put('}');
        if (!path.isEmpty() && length - start > LARGE) {
            fold(start);
        }
    }

    /** Puts the digest of a large inner object in its place, lest each object around it copy it again. */
    private void fold(int start) {
        MessageDigest digest = sha256();
        digest.update(out, start, length - start);
        length = start;
        put('#');
        for (byte b : digest.digest()) {
            put(b);
        }
    }

    private static boolean withoutEffect(String path, String name) {
        return path.isEmpty()
                ? WITHOUT_EFFECT.contains(name)
                : path.equals("stream_options") && name.equals("include_obfuscation");
    }

    /** Puts the fields that were written from {@code start} on in the order of their names. */
    private void sort(List<Field> fields, int start) {
        if (inOrder(fields)) {
            return;
        }
        byte[] written = Arrays.copyOfRange(out, start, length);
        length = start;
        fields.sort(Comparator.comparing(Field::name));
        for (Field field : fields) {
            int size = field.to() - field.from();
            ensure(size);
            System.arraycopy(written, field.from() - start, out, length, size);
            length += size;
        }
    }

    private static boolean inOrder(List<Field> fields) {
        for (int i = 1; i < fields.size(); i++) {
            if (fields.get(i - 1).name().compareTo(fields.get(i).name()) > 0) {
                return false;
            }
        }
        return true;
    }

    /** 1, 1.0 and 1e0 are one number. */
    private static String number(String text) {
        try {
            return new BigDecimal(text).stripTrailingZeros().toString();
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private void wide(char c) {
        if (c < 0x800) {
            put(0xC0 | (c >> 6));
            put(0x80 | (c & 0x3F));
        } else {
            put(0xE0 | (c >> 12));
            put(0x80 | ((c >> 6) & 0x3F));
            put(0x80 | (c & 0x3F));
        }
    }

    private void length(int value) {
        put(value >>> 24);
        put(value >>> 16);
        put(value >>> 8);
        put(value);
    }

    private void put(int b) {
        ensure(1);
        out[length++] = (byte) b;
    }

    private void ensure(int more) {
        if (length + more > out.length) {
            out = Arrays.copyOf(out, Math.max(out.length * 2, length + more));
        }
    }
}
