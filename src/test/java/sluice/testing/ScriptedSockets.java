package sluice.testing;

import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An upstream whose WebSockets send what a test scripts, and record what they receive. */
public final class ScriptedSockets {
    private final Vertx vertx;
    private final HttpServer server;
    private final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
    private final BlockingQueue<MultiMap> handshakes = new LinkedBlockingQueue<>();
    private final BlockingQueue<ServerWebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
    private final boolean opening;

    private ScriptedSockets(Vertx vertx, boolean opening) {
        this.vertx = vertx;
        this.opening = opening;
        this.server = vertx.createHttpServer(new HttpServerOptions().setMaxWebSocketFrameSize(1 << 24)
                .setMaxWebSocketMessageSize(1 << 24).setWebSocketSubProtocols(List.of("realtime"))
                .setPerMessageWebSocketCompressionSupported(true));
        server.webSocketHandshakeHandler(this::shake).requestHandler(request -> request.response().end());
    }

    /** Opens every WebSocket at once. */
    public static ScriptedSockets start(Vertx vertx) {
        return listening(new ScriptedSockets(vertx, true));
    }

    /** Leaves every handshake to the test. */
    public static ScriptedSockets waiting(Vertx vertx) {
        return listening(new ScriptedSockets(vertx, false));
    }

    private static ScriptedSockets listening(ScriptedSockets sockets) {
        sockets.server.listen(0, "127.0.0.1").await();
        return sockets;
    }

    private void shake(ServerWebSocketHandshake handshake) {
        Context loop = vertx.getOrCreateContext();
        handshakes.add(handshake.headers());
        if (opening) {
            accept(handshake);
        } else {
            waiting.add(() -> loop.runOnContext(now -> accept(handshake)));
        }
    }

    private void accept(ServerWebSocketHandshake handshake) {
        handshake.accept().onSuccess(socket -> {
            socket.textMessageHandler(told::add);
            socket.closeHandler(over -> {
                Short code = socket.closeStatusCode();
                closed.add(code == null ? -1 : Short.toUnsignedInt(code));
            });
            sockets.add(socket);
        });
    }

    public int port() {
        return server.actualPort();
    }

    /** The headers of the next handshake. */
    public MultiMap handshake() {
        return next(handshakes);
    }

    /** Opens the next one that was left to the test. */
    public void accept() {
        next(waiting).run();
    }

    /** The next one that was opened. */
    public ServerWebSocket socket() {
        return next(sockets);
    }

    /** The next text. */
    public String told() {
        return next(told);
    }

    /** Whether nothing more was received. */
    public boolean toldNothing() {
        return told.isEmpty();
    }

    /** The code of the next one that ended. */
    public int closed() {
        return next(closed);
    }

    static <T> T next(BlockingQueue<T> queue) {
        try {
            T next = queue.poll(20, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came");
            }
            return next;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
