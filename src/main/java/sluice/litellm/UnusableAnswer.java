package sluice.litellm;

/** A file does not hold what LiteLLM's proxy answers to the right question. The message says what it holds and what to run. */
public final class UnusableAnswer extends Exception {
    private static final long serialVersionUID = 1;

    UnusableAnswer(String message) {
        super(message);
    }
}
