package sluice.simulator.objects;

/** Everything that the API stores for its users, family by family. */
public final class StoredObjects {

    private StoredObjects() {}

    public static void addTo(Paths paths) {
        StoredChats.addTo(paths);
        StoredResponses.addTo(paths);
        Catalogue.addTo(paths);
        Contents contents = new Contents();
        Files files = new Files(contents);
        files.addTo(paths);
        new Uploads(files, contents).addTo(paths);
        new Batches(files, contents).addTo(paths);
        FineTuning.addTo(paths);
        VectorStores.addTo(paths);
        Conversations.addTo(paths);
        Evals.addTo(paths);
        Assistants.addTo(paths);
        Agents.addTo(paths);
        Containers.addTo(paths);
        Media.addTo(paths);
        Administration.addTo(paths);
        ExternalResources.addTo(paths);
        WorkloadIdentities.addTo(paths);
        ProjectSettings.addTo(paths);
        Safety.addTo(paths);
    }
}
