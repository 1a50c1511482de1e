import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream that does for each prompt what its case says: the first call as scripted, all others whole. */
final class Script implements AutoCloseable {
    /** Between the events of a stream. */
    private static final long PACE_MILLIS = 2;
    /** While a caller is being killed: longer than the gateway takes to notice. */
    private static final long PAUSE_MILLIS = 300;
    private static final int LARGE = 1 << 16;

    /** What happens to the answer of a case. */
    static final class Case {
        final String name;
        final boolean stream;
        final Answer answer;
        /** After how many events the connection breaks; -1 before the head, more than there are: never. */
        final int cutAt;
        /** Before which event to wait a moment; more than there are: never. */
        final int pauseAt;
        final CountDownLatch arrived = new CountDownLatch(1);
        final CountDownLatch released = new CountDownLatch(1);
        final AtomicInteger calls = new AtomicInteger();

        Case(String name, boolean stream, Answer answer, int cutAt, int pauseAt) {
            this.name = name;
            this.stream = stream;
            this.answer = answer;
            this.cutAt = cutAt;
            this.pauseAt = pauseAt;
        }
    }

    private final ServerSocket server = new ServerSocket(0, 2_000, InetAddress.getLoopbackAddress());
    private final Map<String, Case> cases = new ConcurrentHashMap<>();

    Script() throws IOException {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    void play(Case each) {
        cases.put(each.name, each);
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String body = request(in); body != null; body = request(in)) {
                String content = body.substring(body.indexOf("\"content\":\"") + 11);
                if (!answer(socket.getOutputStream(), cases.get(content.substring(0, content.indexOf('"'))))) {
                    return;
                }
            }
        } catch (IOException gone) {
            // The gateway wants no more of it.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The body of the next request; null if there is none. */
    private static String request(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.append((char) next);
        }
        String text = head.toString().toLowerCase(java.util.Locale.ROOT);
        int length = text.indexOf("content-length: ") + 16;
        return new String(in.readNBytes(Integer.parseInt(text.substring(length, text.indexOf('\r', length)))),
                StandardCharsets.UTF_8);
    }

    /** Whether the connection can be used again. */
    private static boolean answer(OutputStream out, Case played) throws IOException, InterruptedException {
        boolean first = played.calls.incrementAndGet() == 1;
        played.arrived.countDown();
        played.released.await();
        int cutAt = first ? played.cutAt : Integer.MAX_VALUE;
        if (first && played.pauseAt == 0) {
            Thread.sleep(PAUSE_MILLIS);
        }
        if (cutAt < 0) {
            return false;
        }
        Answer answer = played.answer;
        out.write((played.stream
                ? "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                : "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + answer.bytes().length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < answer.pieces(); i++) {
            if (i == cutAt) {
                return false;
            }
            if (first && i > 0 && i == played.pauseAt) {
                Thread.sleep(PAUSE_MILLIS);
            }
            write(out, answer, i, played.stream);
            if (answer.length(i) < LARGE) {
                Thread.sleep(PACE_MILLIS);
            }
        }
        if (played.stream) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return true;
    }

    private static void write(OutputStream out, Answer answer, int piece, boolean chunked) throws IOException {
        if (chunked) {
            out.write((Integer.toHexString(answer.length(piece)) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }
        out.write(answer.bytes(), answer.from(piece), answer.length(piece));
        if (chunked) {
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
