package sluice.login;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A login in progress. It lives in a cookie of the browser that started it, so any replica can finish it and none has to
 * remember it.
 *
 * @param state    proves that the browser that comes back is the one that was sent to the provider
 * @param nonce    binds the identity token to this login
 * @param verifier proves that whoever redeems the code also asked for it
 * @param to       the path to go to afterwards
 */
public record Flow(String state, String nonce, String verifier, String to) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 32;
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** A new one. */
    public static Flow to(String path) {
        return new Flow(random(), random(), random(), path);
    }

    /** 256 random bits as text for URLs and cookies. */
    public static String random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Reads back what {@link #text} wrote; empty if it is anything else. */
    public static Optional<Flow> of(String text) {
        try {
            JsonObject json = new JsonObject(
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
            Flow flow = new Flow(json.getString("state", ""), json.getString("nonce", ""),
                    json.getString("verifier", ""), json.getString("to", ""));
            boolean whole = SECRET.matcher(flow.state).matches() && SECRET.matcher(flow.nonce).matches()
                    && SECRET.matcher(flow.verifier).matches();
            return whole ? Optional.of(flow) : Optional.empty();
        } catch (DecodeException | ClassCastException | IllegalArgumentException odd) {
            return Optional.empty();
        }
    }

    /** For a cookie. */
    public String text() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(new JsonObject().put("state", state)
                .put("nonce", nonce).put("verifier", verifier).put("to", to).encode()
                .getBytes(StandardCharsets.UTF_8));
    }

    /** The hash of the verifier, sent ahead of it (RFC 7636). */
    String challenge() {
        try {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(
                    MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "a login to " + to;
    }
}
