package sluice.cache;

import io.vertx.core.buffer.Buffer;

/** An answer that is read at the pace of the caller who gets it. Used on one event loop. */
public interface Source {

    /** The next bytes, at most this many; none if all that is there has been read. */
    Buffer read(int most);

    /** How the answer stands, once everything has been read. */
    End end();

    /** Sets what runs on its event loop whenever there may be something to do. */
    void onChange(Runnable task);

    /** Its caller takes no more for now, or takes more again. */
    void stalls(boolean now);

    /** One that is whole already. */
    static Source of(Buffer answer) {
        return new Source() {
            private int place;

            @Override
            public Buffer read(int most) {
                int from = place;
                place = Math.min(answer.length(), from + most);
                return answer.slice(from, place);
            }

            @Override
            public End end() {
                return place < answer.length() ? new End.NotYet() : new End.Whole();
            }

            @Override
            public void onChange(Runnable task) {
                // It does not change.
            }

            @Override
            public void stalls(boolean now) {
                // Nobody else reads it.
            }
        };
    }
}
