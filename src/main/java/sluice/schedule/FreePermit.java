package sluice.schedule;

/** A permit for something that spends no quota: always valid, with nothing to give back. */
record FreePermit(Capacity account) implements Permit {

    @Override
    public Need need() {
        return Need.NOTHING;
    }

    @Override
    public boolean fresh() {
        return true;
    }

    @Override
    public void sent() {
        // Nothing was taken.
    }

    @Override
    public void giveBack() {
        // Nothing was taken.
    }

    @Override
    public void forgive(long usedTokens) {
        // Nothing was taken.
    }

    @Override
    public void named(String model) {
        // Nothing was taken.
    }

    @Override
    public void settle(long usedTokens) {
        // Nothing was taken.
    }
}
