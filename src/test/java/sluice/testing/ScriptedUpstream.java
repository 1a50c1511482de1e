package sluice.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream of HTTP/1.1 that does on its sockets, byte by byte, what a script says; and counts what it was asked. */
public final class ScriptedUpstream implements AutoCloseable {

    /** What happens once the head of a request has arrived. */
    @FunctionalInterface
    public interface Script {

        /**
         * Serves one request.
         *
         * @param number of the request, counted from 1 over all connections
         */
        void serve(Peer peer, int number) throws IOException;
    }

    private final ServerSocket server;
    private final Script script;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger heads = new AtomicInteger();
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger runs = new AtomicInteger();

    private ScriptedUpstream(ServerSocket server, Script script) {
        this.server = server;
        this.script = script;
    }

    /** Listens on a free port. */
    public static ScriptedUpstream start(Script script) {
        try {
            ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            ScriptedUpstream upstream = new ScriptedUpstream(server, script);
            Thread.ofVirtual().start(upstream::accept);
            return upstream;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Connections that were opened. */
    public int connections() {
        return sockets.size();
    }

    /** Requests of which the head came. */
    public int heads() {
        return heads.get();
    }

    /** Requests that came whole. */
    public int whole() {
        return whole.get();
    }

    /** How often the model ran. */
    public int runs() {
        return runs.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Peer peer = new Peer(socket);
            while (!socket.isClosed() && peer.readHead()) {
                script.serve(peer, heads.incrementAndGet());
            }
        } catch (IOException broken) {
            // The gateway has left.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One connection, with a request whose head has come. */
    public final class Peer {
        private final Socket socket;
        private final InputStream in;
        private String head = "";

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        boolean readHead() throws IOException {
            StringBuilder read = new StringBuilder();
            while (read.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                if (b < 0) {
                    return false;
                }
                read.append((char) b);
            }
            head = read.toString();
            return true;
        }

        /** Request line and headers, as they came. */
        public String head() {
            return head;
        }

        /** The body of a request that tells its length. */
        public String body() throws IOException {
            String lower = head.toLowerCase(Locale.ROOT);
            String length = lower.substring(lower.indexOf("content-length: ") + 16);
            byte[] bytes = in.readNBytes(Integer.parseInt(length.substring(0, length.indexOf('\r'))));
            whole.incrementAndGet();
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** Reads the body to its end. */
        public void readBody() throws IOException {
            String lower = head.toLowerCase(Locale.ROOT);
            if (lower.contains("transfer-encoding: chunked")) {
                StringBuilder tail = new StringBuilder("\r\n");
                while (!tail.toString().endsWith("\r\n0\r\n\r\n")) {
                    tail.append((char) readOne());
                }
            } else if (lower.contains("content-length: ")) {
                String length = lower.substring(lower.indexOf("content-length: ") + 16);
                in.skipNBytes(Long.parseLong(length.substring(0, length.indexOf('\r'))));
            }
            whole.incrementAndGet();
        }

        private int readOne() throws IOException {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the body has broken off");
            }
            return b;
        }

        /** Reads some of the body. */
        public void read(int bytes) throws IOException {
            in.skipNBytes(bytes);
        }

        /** The model runs. */
        public void run() {
            runs.incrementAndGet();
        }

        public void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
        }

        /** Answers with JSON. */
        public void answer(int status, String body, String... headers) throws IOException {
            write("HTTP/1.1 " + status + " Whatever\r\ncontent-type: application/json\r\n"
                    + String.join("", List.of(headers).stream().map(header -> header + "\r\n").toList())
                    + "content-length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
        }

        /** Ends in good order (FIN). */
        public void close() throws IOException {
            socket.close();
        }

        /** Ends at once (RST). */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Waits until the other side has left. */
        public void awaitEnd() throws IOException {
            while (in.read() >= 0) {
                // What comes does not matter.
            }
        }
    }
}
