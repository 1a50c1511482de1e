package sluice.openai;

/**
 * How many tokens a call may use, estimated before it is sent: a quarter of its characters, and the most that it lets each
 * answer have. The real API reserves in much the same way.
 */
public final class TokenEstimate {
    /** Taken for an answer whose length the caller does not bound. */
    public static final long DEFAULT_OUTPUT = 1024;

    /** The usual rule of thumb for English text. */
    static final int CHARACTERS_PER_TOKEN = 4;

    /** The most that a call is taken to use: a number that no limit holds, and that adds up without overflowing. */
    static final long MOST = 1_000_000_000L;

    private TokenEstimate() {}

    /** Estimates the tokens of so many characters. */
    public static long ofText(long characters) {
        return Math.ceilDiv(characters, CHARACTERS_PER_TOKEN);
    }

    /** What the model reads; at least 0, and 0 where the endpoint is not charged by tokens. */
    public static long input(Endpoint endpoint, Envelope envelope) {
        return switch (endpoint.spends()) {
            case ANSWER, INPUT -> ofText(envelope.inputChars());
            case REQUEST, NOTHING -> 0;
        };
    }

    /** At least 0; 0 where the endpoint is not charged by tokens. */
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
