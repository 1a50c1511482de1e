package sluice.testing;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A WebSocket client that writes any frames, valid or not, and reads only on request. */
public final class RawSocket implements AutoCloseable {
    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    private static final int PATIENCE_MILLIS = 20_000;

    /** A frame that has come; the code of one that closes, or 1005 where there is none. */
    public record Frame(int opcode, Buffer payload) {
        public String text() {
            return payload.toString();
        }

        public int code() {
            return payload.length() < 2 ? 1005 : payload.getUnsignedShort(0);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private String head = "";

    private RawSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /**
     * Asks for a WebSocket, and reads the head of the answer.
     *
     * @param headers lines of the request besides those of every handshake
     */
    public static RawSocket open(String baseUrl, String path, String... headers) {
        return send(baseUrl, path, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", String.join("\r\n", headers));
    }

    /** Asks likewise, and reads nothing. */
    public static RawSocket unanswered(String baseUrl, String path, String... headers) {
        return connect(baseUrl).ask(baseUrl, path, "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                String.join("\r\n", headers));
    }

    private RawSocket ask(String baseUrl, String path, String... headers) {
        return bytes(("GET " + URI.create(baseUrl).getPath() + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + String.join("\r\n", headers) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Asks with these lines only, and reads the head of the answer. */
    public static RawSocket send(String baseUrl, String path, String... headers) {
        RawSocket raw = connect(baseUrl).ask(baseUrl, path, headers);
        try {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            while (!read.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                read.write(raw.in.readUnsignedByte());
            }
            raw.head = read.toString(StandardCharsets.ISO_8859_1);
            return raw;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RawSocket connect(String baseUrl) {
        try {
            Socket socket = new Socket();
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), URI.create(baseUrl).getPort()));
            return new RawSocket(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status of the answer to the handshake. */
    public int status() {
        return Integer.parseInt(head.split(" ", -1)[1]);
    }

    /** The head of the answer to the handshake. */
    public String head() {
        return head;
    }

    public RawSocket text(String text) {
        return frame(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Closes with a code; below 0: with none. */
    public RawSocket close(int code) {
        return frame(CLOSE, true, code < 0 ? new byte[0] : ByteBuffer.allocate(2).putShort((short) code).array());
    }

    public RawSocket frame(int opcode, boolean last, byte[] payload) {
        return bytes(masked((last ? 0x80 : 0) | opcode, payload));
    }

    /** Whatever these bytes are. */
    public RawSocket bytes(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A frame whose mask is zero. */
    public static byte[] masked(int first, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(0).put(payload);
        return Arrays.copyOf(frame.array(), frame.position());
    }

    /** The next frame; null at the end of the connection. */
    public @Nullable Frame next() {
        try {
            int opcode = in.readUnsignedByte() & 0x0F;
            long length = in.readUnsignedByte() & 0x7F;
            length = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
            return new Frame(opcode, Buffer.buffer(in.readNBytes((int) length)));
        } catch (EOFException end) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next frame of a kind; those before it are passed over. */
    public Frame next(int opcode) {
        for (Frame frame = next(); frame != null; frame = next()) {
            if (frame.opcode() == opcode) {
                return frame;
            }
        }
        throw new AssertionError("the connection ended before a frame " + opcode);
    }

    /** Ends the connection with a reset. */
    public void reset() {
        try {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
