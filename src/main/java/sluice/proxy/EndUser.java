package sluice.proxy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The hash under which the ledger knows an end user: the first 16 hexadecimal digits of the SHA-256 of the tenant's
 * name, a zero byte, and the user's name as the tenant's calls give it.
 *
 * <p>It has no secret key, so that it is the same on all replicas and forever, and so that a tenant can find its own
 * users' usage. It keeps names out of the ledger and keeps apart the users of different tenants, but somebody who
 * guesses a name can recognize it.
 */
final class EndUser {
    private static final HexFormat HEX = HexFormat.of();
    private static final int BYTES = 8;
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(EndUser::sha256);

    private EndUser() {}

    /** The hash of a name; empty if that is. */
    static String hash(String tenant, String name) {
        if (name.isEmpty()) {
            return "";
        }
        MessageDigest digest = SHA_256.get();
        digest.update(tenant.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        return HEX.formatHex(digest.digest(name.getBytes(StandardCharsets.UTF_8)), 0, BYTES);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
