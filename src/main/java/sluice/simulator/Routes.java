package sluice.simulator;

/** Everything under {@code /v1}, family by family. */
final class Routes {
    private Routes() {}

    static void addTo(Paths paths) {
        TextCalls.addTo(paths);
        StoredChats.addTo(paths);
        StoredResponses.addTo(paths);
        Catalogue.addTo(paths);
        paths.close();
    }
}
