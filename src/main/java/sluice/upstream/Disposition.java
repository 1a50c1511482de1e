package sluice.upstream;

import org.jspecify.annotations.Nullable;

/** What is to become of an upstream answer, decided on its head. */
public enum Disposition {
    /** It is the caller's: it passes as it is. */
    RELAY,
    /** It speaks of the account's credentials or rights, which are not the caller's business. */
    ACCOUNT_REFUSED,
    /** It speaks of the account's quota or bill. */
    QUOTA_EXHAUSTED,
    /** An error that is not JSON, such as a page of a network in between: its status passes, its body does not. */
    WRAP;

    /** Decides by status and content type. */
    public static Disposition of(int status, @Nullable String contentType) {
        if (status < 400) {
            return RELAY;
        }
        return switch (status) {
            case 401, 403, 407 -> ACCOUNT_REFUSED;
            case 402, 429 -> QUOTA_EXHAUSTED;
            default -> contentType != null && contentType.contains("json") ? RELAY : WRAP;
        };
    }
}
