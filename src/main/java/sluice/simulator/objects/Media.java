package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.Manner;
import sluice.simulator.wire.Reply;

/** Videos, which are finished at once, and voices with the consents to use them. */
final class Media {
    private static final String VIDEOS = "videos";
    private static final Kind VIDEO = new Kind(VIDEOS, "video_", "video", Media::video);
    private static final Kind CHARACTER = new Kind("videos/characters", "char_", "video.character",
            asked -> new JsonObject().put("name", asked.getValue("name", "character")));
    private static final Kind CONSENT = new Kind("audio/voice_consents", "cons_", "audio.voice_consent",
            asked -> new JsonObject().put("name", asked.getValue("name", ""))
                    .put("language", asked.getValue("language", "en")));
    private static final Kind VOICE = new Kind("audio/voices", "voice_", "audio.voice",
            asked -> new JsonObject().put("name", asked.getValue("name", "")));

    /** A video to be made. */
    private record Wanted(Visit visit, JsonObject asked) implements Ask {

        @Override
        public String model() {
            return asked.getString("model", "sora-2");
        }

        @Override
        public long tokensCharged() {
            return 0;
        }

        @Override
        public Reply reply(Manner manner) {
            return Reply.json(VIDEO.create(visit, asked));
        }
    }

    private Media() {}

    static void addTo(Paths paths) {
        paths.call("videos/edits", visit -> new Wanted(visit, visit.asked()));
        paths.call("videos/extensions", visit -> new Wanted(visit, visit.asked()));
        paths.call("videos/:id/remix", visit -> new Wanted(visit, visit.asked().copy()
                .put("remixed_from_video_id", VIDEO.found(visit).getString("id"))));
        paths.call(VIDEOS, visit -> new Wanted(visit, visit.asked()));
        paths.post("videos/characters", visit -> Reply.json(CHARACTER.create(visit)));
        paths.get("videos/characters/:id", visit -> Reply.json(CHARACTER.found(visit)));
        VIDEO.addReads(paths);
        paths.delete("videos/:id", VIDEO::delete);
        paths.get("videos/:id/content", visit -> Reply.whole("video/mp4",
                Buffer.buffer("video " + VIDEO.found(visit).getString("id"))));
        CONSENT.addTo(paths);
        paths.post(VOICE.path(), visit -> Reply.json(VOICE.create(visit)));
        paths.delete(VOICE.path() + "/:id", VOICE::delete);
    }

    private static JsonObject video(JsonObject asked) {
        return new JsonObject().put("model", asked.getValue("model", "sora-2")).put("prompt", asked.getValue("prompt"))
                .put("progress", 100).put("seconds", String.valueOf(asked.getValue("seconds", "4")))
                .put("size", asked.getValue("size", "720x1280")).put("status", "completed").putNull("error")
                .putNull("expires_at").put("remixed_from_video_id", asked.getValue("remixed_from_video_id"));
    }
}
