package sluice.simulator;

import sluice.simulator.answers.Call;
import sluice.simulator.answers.CallReader;
import sluice.simulator.answers.Compaction;
import sluice.simulator.answers.Decisions;
import sluice.simulator.answers.Endpoint;
import sluice.simulator.answers.Images;
import sluice.simulator.answers.Speech;
import sluice.simulator.answers.TokenCount;
import sluice.simulator.answers.Transcriptions;
import sluice.simulator.objects.Paths;
import sluice.simulator.objects.StoredObjects;
import sluice.simulator.objects.TextAsk;
import sluice.simulator.objects.Visit;

/** Everything under {@code /v1}. */
final class Routes {
    private static final String ENGINE = "engine";

    private Routes() {}

    /** More specific routes come first. */
    static Paths all(Organization organization) {
        Paths paths = new Paths();
        addTexts(paths);
        StoredObjects.addTo(paths);
        addImagesAndSound(paths);
        RealtimeCalls.addTo(paths);
        organization.addTo(paths);
        Surface.addTo(paths);
        return paths;
    }

    private static void addTexts(Paths paths) {
        paths.call("chat/completions", visit -> text(Endpoint.CHAT, visit));
        paths.call("completions", visit -> text(Endpoint.COMPLETIONS, visit));
        paths.call("responses", visit -> text(Endpoint.RESPONSES, visit));
        paths.call("embeddings", visit -> text(Endpoint.EMBEDDINGS, visit));
        paths.call("moderations", visit -> text(Endpoint.MODERATIONS, visit));
        paths.call("decisions", visit -> Decisions.read(visit.body().json()));
        paths.call("engines/:engine/completions", visit -> text(Endpoint.COMPLETIONS, visit));
        paths.call("engines/:engine/embeddings", visit -> text(Endpoint.EMBEDDINGS, visit));
        paths.call("responses/compact", visit -> new Compaction(call(Endpoint.RESPONSES, visit)));
        paths.call("responses/input_tokens", visit -> new TokenCount(call(Endpoint.RESPONSES, visit)));
    }

    private static TextAsk text(Endpoint endpoint, Visit visit) {
        return TextAsk.of(call(endpoint, visit), visit.stored(), visit.weight());
    }

    private static Call call(Endpoint endpoint, Visit visit) {
        return CallReader.read(endpoint, visit.params().get(ENGINE), visit.body().json());
    }

    private static void addImagesAndSound(Paths paths) {
        paths.call("images/generations", visit -> Images.generation(visit.body()));
        paths.call("images/edits", visit -> Images.edit(visit.body()));
        paths.call("images/variations", visit -> Images.edit(visit.body()));
        paths.call("audio/speech", visit -> Speech.read(visit.body()));
        paths.call("audio/transcriptions", visit -> Transcriptions.transcription(visit.body()));
        paths.call("audio/translations", visit -> Transcriptions.translation(visit.body()));
    }
}
