package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.vertx.core.Vertx;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.EchoUpstream;
import sluice.testing.Http2Caller;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Connections over which more calls arrive at once than may begin in one turn of an event loop. */
@Timeout(60)
class CrowdedConnectionsTest {
    private static final String KEY = "sk-sluice-of-a-tenant-in-a-hurry";
    private static final Vertx VERTX = Vertx.vertx();
    private static final EchoUpstream ECHO = EchoUpstream.start(VERTX);
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int GO_AWAY = 7;
    private static final int END_STREAM_AND_HEADERS = 5;
    private static final int CALLS = 60;
    private static Gateway gateway;

    /** A frame that has come. */
    private record Frame(int type, int stream) {}

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        gateway = Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0, idle: 1s, tls: { certificate: "%s", key: "%s" } }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["sk-upstream-0123456789abcdef"] }]
                tenants: [{ name: all, rpm: 100000, cache: "off", keys: ["%s"], endpoints: [inference, files] }]
                """.formatted(certificate.pem(), certificate.key(), ECHO.port(), KEY)), Time.system()).await();
    }

    @AfterAll
    static void stop() {
        Await.until("open reservations", gateway::outstanding, 0);
        gateway.stop().await();
        VERTX.close().await();
    }

    private static SSLSocket open(String protocol) throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), new SecureRandom());
        SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket("127.0.0.1", gateway.port());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[]{protocol});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    private static void frame(ByteBuf out, int type, int flags, int stream, ByteBuf payload) {
        out.writeMedium(payload.readableBytes()).writeByte(type).writeByte(flags).writeInt(stream).writeBytes(payload);
        payload.release();
    }

    /** The calls of a connection, each on a stream of its own, and with a reset behind it where one is asked for. */
    private static byte[] streams(String key, boolean reset) throws Exception {
        ByteBuf out = Unpooled.buffer();
        ByteBufUtil.writeAscii(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        frame(out, 4, 0, 0, Unpooled.buffer());
        Http2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE);
        for (int i = 0; i < CALLS; i++) {
            ByteBuf head = Unpooled.buffer();
            encoder.encodeHeaders(2 * i + 1, Http2Caller.headers(":method", "GET", ":scheme", "https", ":authority",
                    "h", ":path", "/v1/files", "authorization", "Bearer " + key), head);
            frame(out, HEADERS, END_STREAM_AND_HEADERS, 2 * i + 1, head);
            if (reset) {
                frame(out, RESET, 0, 2 * i + 1, Unpooled.buffer().writeInt(8));
            }
        }
        return ByteBufUtil.getBytes(out);
    }

    private static Frame read(DataInputStream in) throws IOException {
        int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
        int type = in.readUnsignedByte();
        in.readUnsignedByte();
        int stream = in.readInt();
        in.skipNBytes(length);
        return new Frame(type, stream);
    }

    @Test
    void everyStreamIsAnswered() throws Exception {
        try (SSLSocket socket = open("h2")) {
            socket.getOutputStream().write(streams(KEY, false));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            List<Integer> answered = new ArrayList<>();
            while (answered.size() < CALLS) {
                Frame frame = read(in);
                assertThat(frame.type()).isNotIn(RESET, GO_AWAY);
                if (frame.type() == HEADERS) {
                    answered.add(frame.stream());
                }
            }
            assertThat(answered)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, CALLS).mapToObj(i -> 2 * i + 1).toList());
        }
    }

    /** A call that is reset before its turn is over: its connection is idle, and is closed as such. */
    @Test
    void callsThatAreResetBeforeTheirTurnLeaveNothingBehind() throws Exception {
        try (SSLSocket socket = open("h2")) {
            socket.getOutputStream().write(streams(KEY + "-not", true));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(typesUntilEnd(in)).contains(GO_AWAY);
        }
    }

    private static List<Integer> typesUntilEnd(DataInputStream in) throws IOException {
        List<Integer> types = new ArrayList<>();
        try {
            while (true) {
                types.add(read(in).type());
            }
        } catch (EOFException end) {
            return types;
        }
    }

    /** Some of them wait when the caller leaves. */
    @Test
    void callerWhoLeavesIsForgotten() throws Exception {
        String call = "GET /v1/files HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + KEY + "\r\n\r\n";
        try (SSLSocket socket = open("http/1.1")) {
            socket.getOutputStream().write(call.repeat(CALLS).getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(15)).asString(StandardCharsets.US_ASCII)
                    .isEqualTo("HTTP/1.1 200 OK");
        }
        Await.until("open reservations", gateway::outstanding, 0);
    }
}
