package sluice.isolation;

/** What one thing, such as a body or a connection, has taken of a {@link Bulkhead}, given back once. Of one thread at a time. */
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

    /** Takes so much more, if there is room; else holds what it held. */
    public Room take(long more) {
        return take(more, Long.MAX_VALUE);
    }

    /** Takes so much more, if there is room and its holder then holds no more than {@code most}. */
    public Room take(long more, long most) {
        Room room = bulkhead.take(holder, more, most);
        if (room.given()) {
            amount += more;
        }
        return room;
    }

    /** From now on it counts for another holder, if that one may hold so much more; else for the one it counted for. */
    public Room moveTo(Holder other) {
        Room room = amount == 0 ? Room.GIVEN : bulkhead.move(holder, other, amount);
        if (room.given()) {
            holder = other;
        }
        return room;
    }

    /** Holds so much less. */
    public void giveBack(long less) {
        bulkhead.giveBack(holder, less);
        amount -= less;
    }

    /** Holds nothing any longer. */
    public void close() {
        giveBack(amount);
    }
}
