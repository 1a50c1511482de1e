package sluice.isolation;

/**
 * What one thing, such as a body or a connection, has taken from a {@link Bulkhead}, given back once. For use by one
 * thread at a time.
 */
public final class Part {
    private final Bulkhead bulkhead;
    private Holder holder;
    private long amount;

    Part(Bulkhead bulkhead, Holder holder) {
        this.bulkhead = bulkhead;
        this.holder = holder;
    }

    public Holder holder() {
        return holder;
    }

    /** Takes this much more if there is room; otherwise nothing changes. */
    public Room take(long more) {
        return take(more, Long.MAX_VALUE);
    }

    /** Takes this much more if there is room and its holder then holds no more than {@code most}. */
    public Room take(long more, long most) {
        Room room = bulkhead.take(holder, more, most);
        if (room.given()) {
            amount += more;
        }
        return room;
    }

    /** Moves it to another holder, if that one may hold this much more; otherwise nothing changes. */
    public Room moveTo(Holder other) {
        Room room = amount == 0 ? Room.GIVEN : bulkhead.move(holder, other, amount);
        if (room.given()) {
            holder = other;
        }
        return room;
    }

    /** Gives back this much. */
    public void giveBack(long less) {
        bulkhead.giveBack(holder, less);
        amount -= less;
    }

    /** Gives back everything. */
    public void close() {
        giveBack(amount);
    }
}
