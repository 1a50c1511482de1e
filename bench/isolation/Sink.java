import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;

/** Takes an attacker's connections and bytes in place of the gateway and drops them, so that only the load of the machine is felt. */
final class Sink {
    static final String PASSWORD = "sink-sink";

    private Sink() {}

    /** The port with TLS, a PKCS #12 file with a certificate, and the port without TLS. */
    public static void main(String[] words) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(Path.of(words[1]))) {
            store.load(file, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        SSLServerSocket server = (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[0])), 4096);
        SSLParameters parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        server.setSSLParameters(parameters);
        ServerSocket plain = new ServerSocket(Integer.parseInt(words[2]), 4096, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().start(() -> accept(plain));
        accept(server);
    }

    private static void accept(ServerSocket server) {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> drop(socket));
            }
        } catch (IOException over) {
            throw new UncheckedIOException(over);
        }
    }

    private static void drop(Socket socket) {
        byte[] some = new byte[16 * 1024];
        try (socket) {
            InputStream in = socket.getInputStream();
            while (in.read(some) >= 0) {
                // Dropped.
            }
        } catch (IOException gone) {
            // So be it.
        }
    }
}
