import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Takes uploads of any size, sends as much as a path says, and reports how far it got. Arguments: port. */
final class Upstream {
    private static final byte[] PIECE = new byte[64 * 1024];
    private static final AtomicLong SENT = new AtomicLong();

    private Upstream() {}

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/sent", exchange -> answer(exchange, Long.toString(SENT.get())));
        server.createContext("/v1/files", exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                answer(exchange, "{\"bytes\":" + count(exchange.getRequestBody()) + "}");
            } else {
                give(exchange, Long.parseLong(exchange.getRequestURI().getPath().split("/")[3]));
            }
        });
        server.createContext("/v1/chat/completions", Upstream::events);
        server.start();
    }

    private static long count(InputStream body) throws IOException {
        byte[] into = new byte[256 * 1024];
        long bytes = 0;
        for (int read = body.read(into); read >= 0; read = body.read(into)) {
            bytes += read;
        }
        return bytes;
    }

    private static void give(HttpExchange exchange, long bytes) throws IOException {
        exchange.sendResponseHeaders(200, bytes);
        try (OutputStream out = exchange.getResponseBody()) {
            for (long left = bytes; left > 0; left -= PIECE.length) {
                out.write(PIECE, 0, (int) Math.min(left, PIECE.length));
            }
        }
    }

    /** 100 MiB of events, as fast as they are taken. */
    private static void events(HttpExchange exchange) throws IOException {
        count(exchange.getRequestBody());
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        byte[] event = ("data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(960) + "\"}}]}\n\n")
                .getBytes(StandardCharsets.US_ASCII);
        try (OutputStream out = exchange.getResponseBody()) {
            for (long left = 100L << 20; left > 0; left -= event.length) {
                out.write(event);
                SENT.addAndGet(event.length);
            }
            out.write("data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().set("content-type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
