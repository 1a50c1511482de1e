package sluice.simulator;

/** Everything under {@code /v1}, family by family. */
final class Routes {
    private Routes() {}

    static void addTo(Paths paths) {
        TextCalls.addTo(paths);
        StoredChats.addTo(paths);
        StoredResponses.addTo(paths);
        Catalogue.addTo(paths);
        Contents contents = new Contents();
        Files files = new Files(contents);
        files.addTo(paths);
        new Uploads(files, contents).addTo(paths);
        Batches.addTo(paths);
        FineTuning.addTo(paths);
        VectorStores.addTo(paths);
        Conversations.addTo(paths);
        Evals.addTo(paths);
        Images.addTo(paths);
        Speech.addTo(paths);
        Transcriptions.addTo(paths);
        RealtimeCalls.addTo(paths);
        Assistants.addTo(paths);
        Surface.addTo(paths);
        paths.close();
    }
}
