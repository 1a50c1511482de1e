package sluice.testing;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The way to a Redis, on which answers can arrive late: each by as much, however many there are. */
public final class RedisWire implements AutoCloseable {

    /** What was read, and when it shall arrive; nothing at the end. */
    private record Piece(Buffer bytes, long dueAt) {}

    private final ServerSocket server;
    private final int to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile long delayNanos;

    public RedisWire(int to) {
        this.to = to;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public String url() {
        return "redis://127.0.0.1:" + server.getLocalPort();
    }

    /** From now on answers arrive so many milliseconds late. */
    public RedisWire delay(long millis) {
        delayNanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return this;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = opened(server.accept());
                Socket far = opened(new Socket(InetAddress.getLoopbackAddress(), to));
                pass(near, far, false);
                pass(far, near, true);
            } catch (IOException e) {
                // Redis is not there, or the test is over.
            }
        }
    }

    private Socket opened(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        open.add(socket);
        return socket;
    }

    private void pass(Socket from, Socket there, boolean late) {
        BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
        Thread.ofVirtual().start(() -> read(from, pieces, late));
        Thread.ofVirtual().start(() -> write(there, pieces));
    }

    private void read(Socket from, BlockingQueue<Piece> pieces, boolean late) {
        try (from; InputStream in = from.getInputStream()) {
            byte[] some = new byte[8192];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                pieces.add(new Piece(Buffer.buffer(n).appendBytes(some, 0, n),
                        System.nanoTime() + (late ? delayNanos : 0)));
            }
        } catch (IOException e) {
            // Both ends are closed with this one.
        }
        open.remove(from);
        pieces.add(new Piece(Buffer.buffer(), System.nanoTime()));
    }

    private void write(Socket there, BlockingQueue<Piece> pieces) {
        try (there; OutputStream out = there.getOutputStream()) {
            for (Piece piece = pieces.take(); piece.bytes().length() > 0; piece = pieces.take()) {
                TimeUnit.NANOSECONDS.sleep(piece.dueAt() - System.nanoTime());
                out.write(piece.bytes().getBytes());
            }
        } catch (IOException | InterruptedException e) {
            // Both ends are closed with this one.
        }
        open.remove(there);
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
