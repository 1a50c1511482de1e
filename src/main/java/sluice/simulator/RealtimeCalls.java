package sluice.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import sluice.simulator.objects.Paths;
import sluice.simulator.objects.Visit;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Ways to a realtime session that bypass the gateway: short-lived keys, and calls over WebRTC and SIP. */
final class RealtimeCalls {
    private static final long LIFE_SECONDS = 600;

    private RealtimeCalls() {}

    static void addTo(Paths paths) {
        paths.post("realtime/client_secrets", visit -> Reply.json(secret(visit).put("session", session(visit))));
        paths.post("realtime/sessions",
                visit -> Reply.json(session(visit).put("client_secret", secret(visit))));
        paths.post("realtime/transcription_sessions",
                visit -> Reply.json(session(visit).put("client_secret", secret(visit))));
        paths.post("realtime/calls", RealtimeCalls::call);
        paths.post("realtime/translations/client_secrets",
                visit -> Reply.json(secret(visit).put("session", session(visit))));
        paths.post("live/sessions", visit -> Reply.created(LiveSession.created()));
        paths.post("live/sessions/:id/fork", visit -> Reply.created(LiveSession.created()));
        paths.free(HttpMethod.GET, "live/sessions/:id/content",
                visit -> Reply.whole("audio/wav", Buffer.buffer("recording")));
        for (String deed : new String[]{"accept", "hangup", "refer", "reject"}) {
            paths.post("realtime/calls/:id/" + deed, visit -> Reply.whole(Reply.JSON, Buffer.buffer()));
            paths.post("live/sessions/:id/" + deed, visit -> Reply.whole(Reply.JSON, Buffer.buffer()));
        }
    }

    private static JsonObject secret(Visit visit) {
        return new JsonObject().put("value", Ids.fresh("ek_")).put("expires_at", visit.now() + LIFE_SECONDS);
    }

    private static JsonObject session(Visit visit) {
        return new JsonObject().put("id", Ids.fresh("sess_")).put("object", "realtime.session")
                .put("type", "realtime").put("model", visit.optional("model").orElse("gpt-realtime"));
    }

    private static Reply call(Visit visit) {
        return new Reply.Whole(201, "application/sdp",
                Map.of("location", "/v1/realtime/calls/" + Ids.fresh("rtc_")),
                Buffer.buffer("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"));
    }
}
