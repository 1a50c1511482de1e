package sluice.cluster;

/** A store whose messages nobody counts. */
record Unobserved() implements StoreObserver {

    @Override
    public void asked(Script script) {
        // Nobody counts.
    }

    @Override
    public void failed() {
        // Nobody counts.
    }

    @Override
    public void away(String told) {
        // Nobody is told.
    }

    @Override
    public void back() {
        // Nobody is told.
    }
}
