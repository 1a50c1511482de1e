import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The way of one replica to Redis. Cut, it swallows what is sent and stays open; slow, all arrives later by so much. */
final class Wire {

    /** What was read, and when it is to arrive. */
    private record Piece(byte[] bytes, long dueAt) {}

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile long delayNanos;

    Wire(int to) throws IOException {
        this.to = to;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void cut(boolean isCut) {
        cut = isCut;
    }

    /** All connections are closed; new ones may be opened. */
    void sever() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        open.clear();
    }

    void delay(long millis) {
        delayNanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void accept() {
        while (true) {
            try {
                Socket near = server.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                open.add(near);
                open.add(far);
                pass(near, far);
                pass(far, near);
            } catch (IOException e) {
                // Redis is not there; the next attempt may find it.
            }
        }
    }

    private void pass(Socket from, Socket to) {
        BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
        Thread.ofVirtual().start(() -> read(from, pieces));
        Thread.ofVirtual().start(() -> write(to, pieces));
    }

    private void read(Socket from, BlockingQueue<Piece> pieces) {
        try (from; InputStream in = from.getInputStream()) {
            byte[] some = new byte[8192];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                if (!cut) {
                    pieces.add(new Piece(Arrays.copyOf(some, n), System.nanoTime() + delayNanos));
                }
            }
        } catch (IOException e) {
            // Both ends are closed with this one.
        }
        pieces.add(new Piece(new byte[0], System.nanoTime()));
    }

    private void write(Socket to, BlockingQueue<Piece> pieces) {
        try (to; OutputStream out = to.getOutputStream()) {
            for (Piece piece = pieces.take(); piece.bytes().length > 0; piece = pieces.take()) {
                TimeUnit.NANOSECONDS.sleep(piece.dueAt() - System.nanoTime());
                out.write(piece.bytes());
            }
        } catch (IOException | InterruptedException e) {
            // Both ends are closed with this one.
        }
    }
}
