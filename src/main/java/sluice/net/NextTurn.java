package sluice.net;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;

/** The next turn of an event loop, which begins with a look at its sockets: what takes long is done in pieces, one a turn. */
public final class NextTurn {

    private NextTurn() {}

    /** Runs a task then, on the event loop of this channel. */
    public static void run(Channel channel, Runnable task) {
        // Not as a task of the loop: it goes through all of those before it looks at its sockets again.
        var _ = channel.eventLoop().schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    /** Likewise, for a connection of Vert.x. */
    public static void run(HttpConnection connection, Runnable task) {
        run(((ConnectionBase) connection).channel(), task);
    }
}
