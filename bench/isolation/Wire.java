import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A client's connection at the level of bytes, over TLS, so that it may do what no client library would. */
final class Wire implements AutoCloseable {
    static final byte[] NOTHING = {};
    /** Bits of HTTP/2 frames. */
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int WINDOW = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private static final SSLContext TLS = trustingAll();
    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 20_000;

    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d{1,9})\r\n");
    private static final Pattern CHUNKED = Pattern.compile("(?i)\r\ntransfer-encoding: chunked");

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private int stream = -1;

    private Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.in = socket.getInputStream();
    }

    /** A TCP connection from an address of loopback, without TLS. */
    static Wire plain(int port, String from) throws IOException {
        return new Wire(connected(port, from));
    }

    /** A connection that speaks HTTP/1.1. */
    static Wire http1(int port, String from) throws IOException {
        return new Wire(secured(port, from, "http/1.1"));
    }

    /** A connection that speaks HTTP/2, its preface sent, with windows that are never full. */
    static Wire http2(int port, String from) throws IOException {
        Wire wire = new Wire(secured(port, from, "h2"));
        wire.send(join("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                frame(SETTINGS, 0, 0, new byte[] {0, 4, 0x7f, -1, -1, -1}),
                frame(WINDOW, 0, 0, new byte[] {0x7f, -1, 0, 0})));
        return wire;
    }

    static Wire open(boolean h2, int port, String from) throws IOException {
        return h2 ? http2(port, from) : http1(port, from);
    }

    private static Socket connected(int port, String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        return socket;
    }

    private static SSLSocket secured(int port, String from, String protocol) throws IOException {
        Socket plain = connected(port, from);
        try {
            SSLSocket socket = (SSLSocket) TLS.getSocketFactory().createSocket(plain, "localhost", port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    Wire send(byte[]... parts) throws IOException {
        for (byte[] part : parts) {
            out.write(part);
        }
        out.flush();
        return this;
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads and drops everything, on a thread of its own, until the connection ends. */
    Wire drained() {
        Thread.ofVirtual().start(() -> {
            byte[] some = new byte[16 * 1024];
            try {
                while (in.read(some) >= 0) {
                    // Dropped.
                }
            } catch (IOException over) {
                // So it is.
            }
        });
        return this;
    }

    /** What comes next, at most so many bytes; empty at the end, or if nothing comes in time. */
    byte[] some(int most, int millis) {
        try {
            socket.setSoTimeout(millis);
            byte[] bytes = new byte[most];
            int count = in.read(bytes);
            return count <= 0 ? NOTHING : Arrays.copyOf(bytes, count);
        } catch (IOException over) {
            return NOTHING;
        }
    }

    /** A whole HTTP/1.1 answer: its head and body as text; empty if the connection ends or nothing comes in time. */
    String answer(int millis) {
        StringBuilder text = new StringBuilder();
        while (true) {
            byte[] more = some(16 * 1024, millis);
            if (more.length == 0) {
                return "";
            }
            text.append(new String(more, StandardCharsets.ISO_8859_1));
            int head = text.indexOf("\r\n\r\n");
            if (head < 0) {
                continue;
            }
            Matcher length = LENGTH.matcher(text.substring(0, head + 2));
            if (length.find() ? text.length() >= head + 4 + Integer.parseInt(length.group(1))
                    : !CHUNKED.matcher(text.substring(0, head)).find() || text.toString().endsWith("0\r\n\r\n")) {
                return text.toString();
            }
        }
    }

    static int statusOf(String answer) {
        return answer.startsWith("HTTP/1.1 ") && answer.length() > 12 ? Integer.parseInt(answer.substring(9, 12)) : 0;
    }

    @Override
    public void close() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException gone) {
            // It is closed.
        }
    }

    // HTTP/1.1

    static String head(String method, String path, String key, String more) {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key + "\r\n" + more
                + "\r\n";
    }

    static byte[] post(String path, String key, String body) {
        return (head("POST", path, key, "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n")
                + body).getBytes(StandardCharsets.ISO_8859_1);
    }

    // HTTP/2

    /** Takes the number of the next stream. */
    int next() {
        return stream += 2;
    }

    static byte[] frame(int type, int flags, int stream, byte[] body) {
        byte[] frame = new byte[9 + body.length];
        frame[0] = (byte) (body.length >> 16);
        frame[1] = (byte) (body.length >> 8);
        frame[2] = (byte) body.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        for (int i = 0; i < 4; i++) {
            frame[5 + i] = (byte) (stream >> 24 - 8 * i);
        }
        System.arraycopy(body, 0, frame, 9, body.length);
        return frame;
    }

    /** The fields of a head, each written out. */
    static byte[] fields(String method, String path, String key, String... more) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        field(block, ":method", method);
        field(block, ":scheme", "https");
        field(block, ":path", path);
        field(block, ":authority", "localhost");
        field(block, "authorization", "Bearer " + key);
        for (int i = 0; i + 1 < more.length; i += 2) {
            field(block, more[i], more[i + 1]);
        }
        return block.toByteArray();
    }

    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        text(block, name);
        text(block, value);
    }

    private static void text(ByteArrayOutputStream block, String text) {
        int left = text.length();
        if (left < 127) {
            block.write(left);
        } else {
            block.write(127);
            for (left -= 127; left >= 128; left >>= 7) {
                block.write(left & 127 | 128);
            }
            block.write(left);
        }
        block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends a call with a body, in frames of at most 16 KiB. */
    Wire call(String path, String key, byte[] body) throws IOException {
        int id = next();
        send(frame(HEADERS, END_HEADERS, id, fields("POST", path, key, "content-type", "application/json")));
        data(id, body, 16 * 1024, true);
        return this;
    }

    /** Sends a call without a body. */
    Wire call(String method, String path, String key) throws IOException {
        return send(frame(HEADERS, END_HEADERS | END_STREAM, next(), fields(method, path, key)));
    }

    /** Windows of the other side are not looked at: what it cannot take, it refuses. */
    void data(int id, byte[] body, int piece, boolean last) throws IOException {
        for (int from = 0; from < body.length || from == 0; from += piece) {
            int until = Math.min(body.length, from + piece);
            send(frame(DATA, last && until == body.length ? END_STREAM : 0, id, Arrays.copyOfRange(body, from, until)));
        }
    }

    // WebSockets

    static String upgrade(String path, String key) {
        return head("GET", path, key, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    }

    /** A masked frame; the mask is zero. */
    static byte[] message(int opcode, boolean last, byte[] body) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(body.length + 14);
        frame.write(opcode | (last ? 0x80 : 0));
        if (body.length < 126) {
            frame.write(0x80 | body.length);
        } else if (body.length < 65_536) {
            frame.write(0x80 | 126);
            frame.write(body.length >> 8);
            frame.write(body.length);
        } else {
            frame.write(0x80 | 127);
            for (int i = 7; i >= 0; i--) {
                frame.write((int) ((long) body.length >> 8 * i));
            }
        }
        frame.writeBytes(new byte[4]);
        frame.writeBytes(body);
        return frame.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] repeated(byte[] part, int times) {
        byte[] all = new byte[part.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(part, 0, all, i * part.length, part.length);
        }
        return all;
    }

    private static SSLContext trustingAll() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new X509TrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type) {}

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            }}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
