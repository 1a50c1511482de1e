package sluice.proxy.body;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import sluice.proxy.refusal.Reason;
import sluice.quota.Ending;

/** Why a request broke off before its end. */
final class BrokenRequest {
    private BrokenRequest() {}

    /** Either the sender framed its body wrongly, or it has left. */
    static Reason reason(Throwable broken) {
        boolean framing = broken instanceof DecoderException || broken instanceof TooLongFrameException
                || broken instanceof IllegalArgumentException;
        return framing
                ? new Reason.MalformedHttp(400, "The request body is not framed as HTTP requires.")
                : new Reason.ClientGone(Ending.NOT_SENT);
    }
}
