package sluice.proxy.socket;

import sluice.proxy.Credential;

/** A caller's WebSocket, from the moment it is opened upstream to its end. */
sealed interface Conversation permits Opening, Talk {

    /** What identifies its caller. */
    Credential credential();

    /** Ends it once no answer is in progress, because the gateway accepts nothing new. */
    void leave();

    /** Ends it now. */
    void end();

    /** Ends it, because its key has been revoked. */
    void endByRevocation();
}
