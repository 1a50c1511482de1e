import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One kept connection over which one call follows the other. */
final class Wire implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;

    /** @param from the address of loopback that it comes from */
    Wire(String from, int port) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** The bytes of a call with this credential. */
    static byte[] request(String credential, String prompt) {
        String body = "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}";
        return ("POST /v1/chat/completions HTTP/1.1\r\nHost: sluice\r\nAuthorization: Bearer " + credential
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends it, and returns the status of the answer, which is read to its end. */
    int call(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        String head = head();
        int length = head.indexOf("content-length: ");
        in.skipNBytes(Long.parseLong(head.substring(length + 16, head.indexOf('\r', length))));
        return Integer.parseInt(head.substring(9, 12));
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder(600);
        while (head.length() < 4 || head.charAt(head.length() - 1) != '\n' || head.charAt(head.length() - 3) != '\n') {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed");
            }
            head.append((char) b);
        }
        return head.toString().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
