package sluice.openai;

/**
 * Estimates how many tokens a call may use before it is sent: a quarter of its characters plus the most that it allows
 * each answer. The real API reserves in much the same way.
 */
public final class TokenEstimate {
    /** Assumed for an answer that the caller does not limit. */
    public static final long DEFAULT_OUTPUT = 1024;

    /** The usual rule of thumb for English text. */
    static final int CHARACTERS_PER_TOKEN = 4;

    /** The largest estimate for a call: far above any real limit, yet small enough to add up without overflow. */
    static final long MOST = 1_000_000_000L;

    private TokenEstimate() {}

    /** Estimates the tokens in this many characters. */
    public static long ofText(long characters) {
        return Math.ceilDiv(characters, CHARACTERS_PER_TOKEN);
    }

    /** Tokens that the model reads; at least 0, and 0 if the endpoint is not charged by tokens. */
    public static long input(Endpoint endpoint, Envelope envelope) {
        return switch (endpoint.spends()) {
            case ANSWER, INPUT -> ofText(envelope.inputChars());
            case REQUEST, NOTHING -> 0;
        };
    }

    /** Tokens of input and answers; at least 0, and 0 if the endpoint is not charged by tokens. */
    public static long of(Endpoint endpoint, Envelope envelope) {
        long input = input(endpoint, envelope);
        return switch (endpoint.spends()) {
            case ANSWER -> {
                long output = envelope.maxOutput() < 0 ? DEFAULT_OUTPUT : envelope.maxOutput();
                yield Math.min(MOST, input + Math.min(MOST, output) * Math.min(MOST, envelope.choices()));
            }
            case INPUT -> input;
            case REQUEST, NOTHING -> 0;
        };
    }
}
