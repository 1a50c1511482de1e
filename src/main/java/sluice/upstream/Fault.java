package sluice.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import sluice.openai.OpenAiError;

/** The meaning of an answer that must not be relayed: about a call, a model, a key or the account. */
public sealed interface Fault {

    /** The account's quota is used up. */
    record Quota(long retryAfterNanos) implements Fault {}

    /** Calls to the model should slow down. */
    record SlowDown(long retryAfterNanos) implements Fault {}

    /** There is no room now for the service tier the call asks for; that says nothing about quota. */
    record TierBusy(long retryAfterNanos) implements Fault {}

    /**
     * The call is larger than the account's limit can ever hold.
     *
     * @param requested by the call, or -1 if the answer does not say
     * @param limit     that it exceeds, or -1 if the answer does not say
     */
    record TooLarge(long requested, long limit) implements Fault {}

    /** Out of credit ({@code insufficient_quota}), or the account is closed. */
    record OutOfCredit() implements Fault {}

    /** The upstream rejects the key. */
    record RejectedKey() implements Fault {}

    /** The upstream, or something in front of it, blocks the account. */
    record RejectedAccount() implements Fault {}

    /** The upstream does not permit the account to do this; the error names no account. */
    record Forbade(OpenAiError error) implements Fault {}

    /** The answer is not from the API. */
    record NotJson(int status) implements Fault {}

    /**
     * The API's own answer to a call that it did not run, held back since another attempt might do better.
     *
     * @param retryAfterNanos the wait it asks for, if any
     * @param retry           what it says to SDKs about retrying; null if nothing
     */
    record Unavailable(int status, OpenAiError error, OptionalLong retryAfterNanos, @Nullable Boolean retry)
            implements
                Fault {}

    /** Whether the upstream did not run the call because the account had no room for it. */
    default boolean lacksQuota() {
        return switch (this) {
            case Quota quota -> true;
            case SlowDown slower -> true;
            case TierBusy busy -> true;
            case OutOfCredit unpaid -> true;
            default -> false;
        };
    }

    /**
     * What an answer says.
     *
     * @param body as much of it as was read, if any
     * @param wall the time of day
     */
    static Fault of(int status, MultiMap headers, Disposition disposition, @Nullable Buffer body, Instant wall) {
        return new FaultReader(headers, wall).read(status, disposition, body);
    }
}
