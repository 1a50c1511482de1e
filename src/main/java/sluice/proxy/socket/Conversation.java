package sluice.proxy.socket;

/** A WebSocket of a caller, from the moment it is opened upstream to its end. */
sealed interface Conversation permits Opening, Talk {

    /** The id of the caller's key. */
    String keyId();

    /** Ends it once no answer is under way, because the gateway takes nothing new. */
    void leave();

    /** Ends it now. */
    void end();

    /** Ends it, because its key has been revoked. */
    void endByRevocation();
}
