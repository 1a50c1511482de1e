import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The health check of the image, which has neither shell nor curl: exits with 0 if the admin listener says so. */
final class Ready {
    private static final int TIMEOUT_MILLIS = 2_000;
    private static final String REQUEST = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 ";

    /** Takes the admin port; 9090 if none is given. */
    public static void main(String[] arguments) throws IOException {
        int port = arguments.length == 0 ? 9090 : Integer.parseInt(arguments[0]);
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            byte[] status = socket.getInputStream().readNBytes(OK.length());
            System.exit(OK.equals(new String(status, StandardCharsets.US_ASCII)) ? 0 : 1);
        }
    }
}
