package sluice.cache;

import io.vertx.core.buffer.Buffer;

/** How the answer stands for a follower that has read all of it so far. */
public sealed interface End {

    /** More will come. */
    record NotYet() implements End {}

    /** It is whole. */
    record Whole() implements End {}

    /** This follower reads too slowly; the answer continues without it. */
    record LeftBehind() implements End {}

    /** It broke off; a last event says so, if the format has one. */
    record Cut(Buffer lastWords) implements End {}
}
