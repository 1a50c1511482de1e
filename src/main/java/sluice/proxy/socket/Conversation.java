package sluice.proxy.socket;

import sluice.proxy.Credential;

/** A WebSocket of a caller, from the moment it is opened upstream to its end. */
sealed interface Conversation permits Opening, Talk {

    /** What its caller is known by. */
    Credential credential();

    /** Ends it once no answer is under way, because the gateway takes nothing new. */
    void leave();

    /** Ends it now. */
    void end();

    /** Ends it, because its key has been revoked. */
    void endByRevocation();
}
