package sluice.upstream;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What to do with an upstream answer, decided from its head. */
public enum Disposition {
    /** It is for the caller: relayed unchanged. */
    RELAY,
    /** It concerns the account's credentials or permissions, which are not the caller's concern. */
    ACCOUNT_REFUSED,
    /** It is about the account's quota or bill. */
    QUOTA_EXHAUSTED,
    /**
     * An error that is not JSON, for example a page from a network in between: its status is relayed, its body is not.
     */
    WRAP;

    /** Decides by status and content type. */
    public static Disposition of(int status, @Nullable String contentType) {
        if (status < 400) {
            return RELAY;
        }
        return switch (status) {
            case 401, 403, 407 -> ACCOUNT_REFUSED;
            case 402, 429 -> QUOTA_EXHAUSTED;
            default -> contentType != null && contentType.toLowerCase(Locale.ROOT).contains("json") ? RELAY : WRAP;
        };
    }
}
