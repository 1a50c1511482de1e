package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Bodies that nobody reads to their end, between peers that leave: the memory in which they had come is free again. */
@Timeout(120)
class LeftBodiesTest {
    private static final String TENANT_KEY = "sk-sluice-0123456789abcdef0123";
    private static final int TIMES = 10;
    private static final byte[] PIECE = new byte[8 << 10];
    private static final int LARGE = 1024 * PIECE.length;
    private static final String AUTHORIZED = " HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + TENANT_KEY
            + "\r\n";
    private static final String DOWNLOAD = "GET /v1/files/file-1/content" + AUTHORIZED + "\r\n";
    private static final String HEAD = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n";
    private static final String UPLOAD = "POST /v1/files" + AUTHORIZED
            + "content-type: multipart/form-data; boundary=x\r\ncontent-length: 500000000\r\n\r\n"
            + "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";

    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    private final List<String> leaks = new CopyOnWriteArrayList<>();
    private final AtomicLong moved = new AtomicLong();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    @BeforeEach
    void watch() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + records));
    }

    @AfterEach
    void stopWatching() {
        ByteBufUtil.setLeakListener((type, records) -> {});
        ResourceLeakDetector.setLevel(level);
    }

    @Test
    void answerWhoseCallerReadsNothingAndLeaves() throws Exception {
        between(upstream -> {
            write(upstream, HEAD.formatted(1_000_000_000));
            pour(upstream);
        }, caller -> {
            write(caller, DOWNLOAD);
            awaitStill();
        });
    }

    @Test
    void answerWhoseUpstreamLeavesWhileItsCallerReadsSlowlyComesWhole() throws Exception {
        between(upstream -> {
            write(upstream, HEAD.formatted(LARGE));
            for (int sent = 0; sent < LARGE; sent += PIECE.length) {
                upstream.getOutputStream().write(PIECE);
                moved.addAndGet(PIECE.length);
            }
            upstream.close();
        }, caller -> {
            write(caller, DOWNLOAD);
            awaitStill();
            assertThat(caller.getInputStream().readNBytes(LARGE)).hasSize(LARGE);
        });
    }

    @Test
    void uploadOfWhichTheUpstreamTakesNothingEndsInTime() throws Exception {
        between(upstream -> {}, caller -> {
            upload(caller);
            assertThat(caller.getInputStream().readNBytes(12)).asString().isEqualTo("HTTP/1.1 504");
        });
    }

    @Test
    void uploadOfWhichTheUpstreamTakesNothingAndWhoseCallerLeaves() throws Exception {
        between(upstream -> {}, caller -> {
            upload(caller);
            awaitStill();
        });
    }

    private interface Peer {
        void with(Socket socket) throws IOException;
    }

    /** Several times; then all that the gateway had taken is free. */
    private void between(Peer upstreamSide, Peer callerSide) throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            serve(upstream, upstreamSide);
            Gateway gateway = before(upstream.getLocalPort());
            for (int i = 0; i < TIMES; i++) {
                try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
                    caller.setSoTimeout(10_000);
                    callerSide.with(caller);
                }
            }
            awaitFreed(gateway);
        }
    }

    /** Each connection in a thread of its own, once the first of a request has come. */
    private void serve(ServerSocket upstream, Peer peer) {
        Thread.ofVirtual().start(() -> {
            while (!upstream.isClosed()) {
                try {
                    Socket socket = upstream.accept();
                    sockets.add(socket);
                    Thread.ofVirtual().start(() -> {
                        try {
                            socket.getInputStream().read(new byte[PIECE.length]);
                            peer.with(socket);
                        } catch (IOException left) {
                            // As it should.
                        }
                    });
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    private void upload(Socket caller) throws IOException {
        write(caller, UPLOAD);
        Thread.ofVirtual().start(() -> pour(caller));
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Until the other end has left. */
    private void pour(Socket socket) {
        try {
            OutputStream out = socket.getOutputStream();
            while (true) {
                out.write(PIECE);
                moved.addAndGet(PIECE.length);
            }
        } catch (IOException left) {
            // As it should.
        }
    }

    /** Until nothing moves any more, since all that lies between is full. */
    private void awaitStill() {
        long[] seen = {0, 0};
        Await.until("all is full", () -> {
            long now = moved.get();
            seen[1] = now > 0 && now == seen[0] ? seen[1] + 1 : 0;
            seen[0] = now;
            return seen[1] > 50;
        });
        moved.set(0);
    }

    private void awaitFreed(Gateway gateway) throws Exception {
        Await.until("nothing is under way", () -> gateway.outstanding() == 0);
        gateway.stop().await();
        for (int i = 0; i < 5; i++) {
            System.gc();
            for (int k = 0; k < 100; k++) {
                ByteBufAllocator.DEFAULT.directBuffer(64).release();
            }
        }
        assertThat(leaks).isEmpty();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static Gateway before(int port) throws Exception {
        return Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { host: 127.0.0.1, port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  timeouts: { first-byte: 300ms }
                  accounts: [{ name: main, rpm: 1000, keys: [sk-upstream-0123456789abcdef] }]
                tenants: [{ name: bot, rpm: 1000, endpoints: [files], keys: [%s] }]
                """.formatted(port, TENANT_KEY)), Time.system()).await();
    }
}
