package sluice.openai;

/** What the body of a call asks for, as far as it decides whether its answer may be given again or who may serve it. */
public enum Trait {
    /** {@code temperature: 0}. */
    TEMPERATURE_ZERO,
    /** A {@code seed}. */
    SEED,
    /** {@code store: true}. */
    STORE,
    /** {@code store: false}. */
    NO_STORE,
    /** {@code background: true}. */
    BACKGROUND,
    /** It names something that is stored upstream: an earlier response, a conversation, a prompt, a file. */
    STORED_OBJECT,
    /** A function or custom tool: the answer only asks for its call. */
    FUNCTION_TOOL,
    /** A tool that runs at the upstream and may act or look at the changing world. */
    HOSTED_TOOL,
    /** An input that is fetched from an address and may change. */
    REMOTE_INPUT,
    /** Sound in or out. */
    AUDIO
}
