package sluice.testing;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that writes what it likes over one connection, and reads only on request. */
public final class RawClient implements Closeable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    /**
     * Connects to a port of this machine.
     *
     * @param last of its own address, 127.0.0.last
     */
    public RawClient(int last, int port) {
        this(last, port, 0);
    }

    /**
     * Likewise.
     *
     * @param receiveBuffer how much its system takes that it does not read, in bytes; 0: as usual
     */
    public RawClient(int last, int port, int receiveBuffer) {
        try {
            socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[]{127, 0, 0, (byte) last}), 0));
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes; a connection that has been closed already takes nothing. */
    public RawClient write(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (SocketException closed) {
            // Reading reports it.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The next answer whole: its head and a body of a declared length; empty if the connection is closed instead. */
    public String answer() {
        try {
            InputStream in = socket.getInputStream();
            StringBuilder text = new StringBuilder();
            while (text.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return "";
                }
                text.append((char) next);
            }
            String head = text.toString().toLowerCase(Locale.ROOT);
            int length = head.indexOf("content-length: ");
            if (length >= 0) {
                int from = length + "content-length: ".length();
                int size = Integer.parseInt(head.substring(from, head.indexOf('\r', from)));
                text.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
            }
            return text.toString();
        } catch (SocketException reset) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that is still to come until it is closed from the other side. */
    public byte[] rest() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.write(next);
            }
        } catch (SocketException reset) {
            // Closed as well.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toByteArray();
    }

    /** Waits until it is closed from the other side; whatever comes before is passed over. */
    public void awaitClosed() {
        try {
            InputStream in = socket.getInputStream();
            while (in.read() >= 0) {
                // Not what is waited for.
            }
        } catch (SocketException reset) {
            // Closed as well.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it is open still, as far as its system knows by now. */
    public boolean open() {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException silent) {
            return true;
        } catch (IOException closed) {
            return false;
        } finally {
            try {
                socket.setSoTimeout(PATIENCE_MILLIS);
            } catch (SocketException closed) {
                // It needs no patience any more.
            }
        }
    }

    /** Ends the connection at once, with a reset. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        close();
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
