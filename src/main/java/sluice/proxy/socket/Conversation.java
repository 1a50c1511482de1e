package sluice.proxy.socket;

/** A WebSocket of a caller, from the moment at which it is opened upstream to its end. */
sealed interface Conversation permits Opening, Talk {

    /** The id of the key that asked for it. */
    String keyId();

    /** The gateway takes nothing new: it ends when no answer is under way. */
    void leave();

    /** It ends now. */
    void end();

    /** The key that asked for it is no longer taken. */
    void endByRevocation();
}
