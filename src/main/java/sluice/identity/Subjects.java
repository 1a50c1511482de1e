package sluice.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Ids of subjects, which look like those of keys: log, ledger and revocations treat both alike. */
public final class Subjects {
    /** Stands for the issuer where a client certificate names the subject. */
    public static final String CERTIFICATE = "certificate";

    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Subjects::sha256);
    private static final int ID_BYTES = 6;

    private Subjects() {}

    /** The first 12 hexadecimal digits of the SHA-256 of issuer, line feed, subject. */
    public static String id(String issuer, String subject) {
        return HexFormat.of().formatHex(sha256(issuer + '\n' + subject), 0, ID_BYTES);
    }

    static byte[] sha256(String text) {
        return SHA_256.get().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
