package sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a call with an {@code Idempotency-Key} and its repeats have in common.
 *
 * @param name the tenant and its key
 * @param asks a digest of what they ask for; another one under the same name is a mistake of the caller's
 */
public record Repeat(PromptKey name, String asks) {

    /**
     * That of a call.
     *
     * @param key    as its caller sent it
     * @param target path and query at the upstream
     * @param beta   the {@code openai-beta} header, which changes what an endpoint does
     * @param body   as it arrived
     * @param model  the model if the path names it and the body does not, or null
     */
    public static Repeat of(String tenant, String key, String target, @Nullable String beta, byte[] body,
            @Nullable String model) {
        MessageDigest digest = Sha256.begun();
        for (String text : new String[]{target, beta == null ? "" : beta, model == null ? "" : model}) {
            byte[] bytes = text.getBytes(UTF_8);
            digest.update((bytes.length + ":").getBytes(UTF_8));
            digest.update(bytes);
        }
        digest.update(body);
        return new Repeat(PromptKey.ofName(tenant, key), HexFormat.of().formatHex(digest.digest()));
    }
}
