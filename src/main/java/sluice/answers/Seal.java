package sluice.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Turns bytes into a text that only those who have the key can read, and only under the name for which it was made:
 * compressed, then encrypted with AES-256-GCM. The first key encrypts, and any of them decrypts. Without keys, texts are
 * only compressed.
 */
final class Seal {
    private static final byte PLAIN = 0;
    private static final byte SEALED = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final List<SealKey> keys;
    private final int mostBytes;

    /** @param mostBytes that a text may hold */
    Seal(List<SealKey> keys, int mostBytes) {
        this.keys = List.copyOf(keys);
        this.mostBytes = mostBytes;
    }

    /** The text of these bytes, for this name. */
    String seal(byte[] bytes, String name) {
        byte[] small = deflated(bytes);
        try {
            return Base64.getEncoder().withoutPadding().encodeToString(keys.isEmpty()
                    ? ByteBuffer.allocate(1 + small.length).put(PLAIN).put(small).array()
                    : encrypted(keys.getFirst(), small, name));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /** The bytes of a text; empty if it was made for another name, with a key that is not known, or by somebody else. */
    Optional<byte[]> open(String text, String name) {
        try {
            byte[] all = Base64.getDecoder().decode(text);
            if (all.length < 1 + (keys.isEmpty() ? 0 : SealKey.ID_BYTES + NONCE_BYTES)
                    || all[0] != (keys.isEmpty() ? PLAIN : SEALED)) {
                return Optional.empty();
            }
            return keys.isEmpty()
                    ? inflated(Arrays.copyOfRange(all, 1, all.length))
                    : decrypted(all, name);
        } catch (IllegalArgumentException | GeneralSecurityException foreign) {
            return Optional.empty();
        }
    }

    private static byte[] encrypted(SealKey key, byte[] plain, String name) throws GeneralSecurityException {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, name);
        return ByteBuffer.allocate(1 + SealKey.ID_BYTES + NONCE_BYTES + cipher.getOutputSize(plain.length)).put(SEALED)
                .put(HexFormat.of().parseHex(key.id())).put(nonce).put(cipher.doFinal(plain)).array();
    }

    private Optional<byte[]> decrypted(byte[] all, String name) throws GeneralSecurityException {
        int nonceAt = 1 + SealKey.ID_BYTES;
        String id = HexFormat.of().formatHex(all, 1, nonceAt);
        for (SealKey key : keys) {
            if (key.id().equals(id)) {
                byte[] nonce = Arrays.copyOfRange(all, nonceAt, nonceAt + NONCE_BYTES);
                int from = nonceAt + NONCE_BYTES;
                return inflated(cipher(Cipher.DECRYPT_MODE, key, nonce, name).doFinal(all, from, all.length - from));
            }
        }
        return Optional.empty();
    }

    private static Cipher cipher(int mode, SealKey key, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(UTF_8));
        return cipher;
    }

    private static byte[] deflated(byte[] bytes) {
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
            deflater.setInput(bytes);
            deflater.finish();
            // Deflate adds five bytes per block of incompressible data, and a few at the end.
            byte[] out = new byte[bytes.length + bytes.length / 1000 + 64];
            int length = 0;
            while (!deflater.finished()) {
                if (length == out.length) {
                    out = Arrays.copyOf(out, 2 * length);
                }
                length += deflater.deflate(out, length, out.length - length);
            }
            return ByteBuffer.allocate(Integer.BYTES + length).putInt(bytes.length).put(out, 0, length).array();
        }
    }

    private Optional<byte[]> inflated(byte[] small) {
        if (small.length < Integer.BYTES) {
            return Optional.empty();
        }
        int length = ByteBuffer.wrap(small).getInt();
        if (length < 0 || length > mostBytes) {
            return Optional.empty();
        }
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(small, Integer.BYTES, small.length - Integer.BYTES);
            byte[] bytes = new byte[length];
            int got = 0;
            while (got < length && !inflater.finished()) {
                int more = inflater.inflate(bytes, got, length - got);
                if (more == 0 && inflater.needsInput()) {
                    return Optional.empty();
                }
                got += more;
            }
            return got == length ? Optional.of(bytes) : Optional.empty();
        } catch (DataFormatException foreign) {
            return Optional.empty();
        }
    }
}
