package sluice.openai;

/** Something the body of a call asks for that decides whether its answer may be reused or who may serve it. */
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
    /** A reference to something stored upstream: an earlier response, a conversation, a prompt, a file. */
    STORED_OBJECT,
    /** A function or custom tool: the answer only asks for it to be called. */
    FUNCTION_TOOL,
    /** A tool that runs upstream and may act on, or look at, the changing world. */
    HOSTED_TOOL,
    /** An input that is fetched from a URL and may change. */
    REMOTE_INPUT,
    /** Audio in or out. */
    AUDIO,
    /** It fills the upstream's own cache, or asks what that has kept; an answer from memory would do neither. */
    PROMPT_CACHE_WORK
}
