import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An upstream that answers by the model: as OpenAI would, or, for models whose name begins with {@code bad-}, in one of
 * the ways in which an upstream can be broken. Blocking sockets and virtual threads, HTTP/1.1 without TLS.
 */
final class Upstream {
    private static final Pattern MODEL = Pattern.compile("\"model\"\\s*:\\s*\"([^\"]{0,200})\"|[?&]model=([^&\\s]+)");
    private static final int KEPT = 64 * 1024;
    private static final long HANG_MILLIS = 30_000;
    private static final String USAGE =
            "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9,\"total_tokens\":18,\"input_tokens\":9,\"output_tokens\":9}";
    private static final AtomicLong CONNECTIONS = new AtomicLong();
    private static final AtomicLong REQUESTS = new AtomicLong();
    private static final AtomicLong BAD = new AtomicLong();

    private final InputStream in;
    private final OutputStream out;

    private record Request(String line, Map<String, String> headers, String body) {
        String model() {
            Matcher matcher = MODEL.matcher(body.isEmpty() ? line : body);
            return matcher.find() ? matcher.group(1) == null ? matcher.group(2) : matcher.group(1) : "";
        }

        boolean streams() {
            return body.contains("\"stream\":true");
        }
    }

    private Upstream(Socket socket) throws IOException {
        in = new BufferedInputStream(socket.getInputStream(), 32 * 1024);
        out = socket.getOutputStream();
    }

    /**
     * The port. Tells on standard output, on each byte that it reads, how many connections and requests
     * there were, and how many of these for a model whose name begins with {@code bad-}.
     */
    public static void main(String[] words) throws IOException {
        ServerSocket server = new ServerSocket(Integer.parseInt(words[0]), 4096, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (System.in.read() >= 0) {
                    System.out.println(CONNECTIONS.get() + " " + REQUESTS.get() + " " + BAD.get());
                }
            } catch (IOException over) {
                // Nobody asks any more.
            }
        });
        while (true) {
            Socket socket = server.accept();
            CONNECTIONS.incrementAndGet();
            Thread.ofVirtual().start(() -> serve(socket));
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            Upstream connection = new Upstream(socket);
            for (Request request = connection.read(); request != null; request = connection.read()) {
                REQUESTS.incrementAndGet();
                if (!connection.answer(request)) {
                    return;
                }
            }
        } catch (IOException | InterruptedException over) {
            // The gateway has left.
        }
    }

    private Request read() throws IOException {
        String line = line();
        if (line == null) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>();
        for (String header = line(); header != null && !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            headers.put(header.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT), header.substring(colon + 1)
                    .strip());
        }
        StringBuilder body = new StringBuilder();
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            for (int size = size(); size > 0; size = size()) {
                take(size, body);
                line();
            }
            line();
        } else {
            take(Long.parseLong(headers.getOrDefault("content-length", "0")), body);
        }
        return new Request(line, headers, body.toString());
    }

    private int size() throws IOException {
        String line = line();
        return line == null ? 0 : Integer.parseInt(line.strip(), 16);
    }

    /** Keeps the beginning of a long body and, for the flag of streams, its end. */
    private void take(long length, StringBuilder kept) throws IOException {
        byte[] some = new byte[8192];
        for (long left = length; left > 0;) {
            int count = in.read(some, 0, (int) Math.min(some.length, left));
            if (count < 0) {
                throw new IOException("cut");
            }
            left -= count;
            if (kept.length() < KEPT || left == 0) {
                kept.append(new String(some, 0, count, StandardCharsets.ISO_8859_1));
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int each = in.read(); each >= 0; each = in.read()) {
            if (each == '\n') {
                return line.toString().strip();
            }
            line.append((char) each);
        }
        return null;
    }

    private boolean answer(Request request) throws IOException, InterruptedException {
        if (request.headers().containsKey("sec-websocket-key")) {
            converse(request);
            return false;
        }
        if (request.model().startsWith("bad-")) {
            BAD.incrementAndGet();
        }
        return switch (request.model()) {
            case "bad-503" -> error(503, "{\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}", "");
            case "bad-500" -> error(500, "{\"error\":{\"message\":\"broke\",\"type\":\"server_error\"}}", "");
            case "bad-429" -> error(429, "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
                    + "\"code\":\"rate_limit_exceeded\"}}", "retry-after: 10\r\n");
            case "bad-429-long" -> error(429, "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
                    + "\"code\":\"rate_limit_exceeded\"}}", "retry-after: 1764000000\r\n");
            case "bad-flex" -> error(429, "{\"error\":{\"message\":\"No capacity\",\"type\":\"resource_unavailable\","
                    + "\"code\":\"resource_unavailable\"}}", "");
            case "bad-too-large" -> error(429, "{\"error\":{\"message\":\"Request too large for gpt-4o: Limit 30000, "
                    + "Requested 342389.\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}",
                    "x-should-retry: false\r\n");
            case "bad-scopes" -> error(401, "{\"error\":{\"message\":\"Missing scopes: model.request\","
                    + "\"type\":\"invalid_request_error\",\"code\":\"missing_scope\"}}", "");
            case "bad-hang" -> hang();
            case "bad-endless" -> endless(request.streams());
            case "bad-giant-event" -> giant();
            case "bad-head" -> garbage(request.streams());
            case "bad-cut" -> cut(request.streams());
            case "bad-large" -> large(request.streams(), 1_000_000);
            case "bad-slow" -> slow(request.streams());
            case "endless-list" -> endless(false);
            default -> good(request);
        };
    }

    private boolean good(Request request) throws IOException, InterruptedException {
        if (request.line().startsWith("GET")) {
            return whole(200, "application/json", "{\"object\":\"list\",\"data\":[]}", "");
        }
        String head = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1764000000,\"model\":\"gpt-4o\",";
        if (!request.streams()) {
            return whole(200, "application/json", head + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                    + "\"content\":\"" + "word ".repeat(100) + "\"},\"finish_reason\":\"stop\"}]," + USAGE + "}", "");
        }
        begin("text/event-stream");
        for (int i = 0; i < 5; i++) {
            chunk("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":"
                    + "[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}\n\n");
            Thread.sleep(5);
        }
        chunk("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":"
                + "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        chunk("data: [DONE]\n\n");
        return end();
    }

    private boolean whole(int status, String type, String body, String more) throws IOException {
        write("HTTP/1.1 " + status + " Status\r\nContent-Type: " + type + "\r\n" + more + "Content-Length: "
                + body.length() + "\r\n\r\n" + body);
        return true;
    }

    private boolean error(int status, String body, String more) throws IOException {
        return whole(status, "application/json", body, more);
    }

    private void begin(String type) throws IOException {
        write("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    private void chunk(String text) throws IOException {
        write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    private boolean end() throws IOException {
        write("0\r\n\r\n");
        return true;
    }

    private boolean hang() throws InterruptedException {
        Thread.sleep(HANG_MILLIS);
        return false;
    }

    /** As fast as it is taken, for half a minute at most. */
    private boolean endless(boolean events) throws IOException {
        begin(events ? "text/event-stream" : "application/json");
        String piece = events ? ("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "word ".repeat(200)
                + "\"}}]}\n\n").repeat(8) : "\"word \",".repeat(1024);
        chunk(events ? "data: {}\n\n" : "{\"object\":\"list\",\"data\":[");
        for (long until = System.nanoTime() + HANG_MILLIS * 1_000_000; System.nanoTime() < until;) {
            chunk(piece);
        }
        return false;
    }

    /** One event, or one number of a JSON text, of 32 MiB. */
    private boolean giant() throws IOException {
        begin("text/event-stream");
        chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
        for (int i = 0; i < 2048; i++) {
            chunk("w".repeat(16 * 1024));
        }
        chunk("\"}}]}\n\ndata: [DONE]\n\n");
        return end();
    }

    private boolean garbage(boolean long_) throws IOException {
        write(long_ ? "HTTP/1.1 200 OK\r\n" + "x-filler: 0123456789\r\n".repeat(200_000)
                : "\u0001\u0002garbage \r\n: \r\nHTTP/9.9 99999 \u0000\r\n\r\n");
        return false;
    }

    private boolean cut(boolean events) throws IOException {
        begin(events ? "text/event-stream" : "application/json");
        chunk(events ? "data: {\"choices\":[]}\n\n" : "{\"id\":");
        return false;
    }

    private boolean large(boolean events, int size) throws IOException {
        String text = "w".repeat(size);
        String body = "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,"
                + "\"text\":\"" + text + "\",\"finish_reason\":\"stop\"}]," + USAGE + "}";
        if (!events) {
            return whole(200, "application/json", body, "");
        }
        begin("text/event-stream");
        for (int i = 0; i < 100; i++) {
            chunk("data: {\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\""
                    + text.substring(0, size / 100 - 100) + "\",\"finish_reason\":" + (i == 99 ? "\"stop\"" : "null")
                    + "}]}\n\n");
        }
        chunk("data: [DONE]\n\n");
        return end();
    }

    /** An event, or a byte, each half second for half a minute. */
    private boolean slow(boolean events) throws IOException, InterruptedException {
        begin(events ? "text/event-stream" : "application/json");
        for (int i = 0; i < 60; i++) {
            chunk(events ? "data: {\"choices\":[]}\n\n" : " ");
            Thread.sleep(500);
        }
        return false;
    }

    // WebSockets

    private void converse(Request request) throws IOException {
        write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                + accept(request.headers().get("sec-websocket-key")) + "\r\n\r\n");
        StringBuilder message = new StringBuilder();
        while (true) {
            int first = in.read();
            int second = in.read();
            if (second < 0) {
                return;
            }
            long length = second & 127;
            if (length >= 126) {
                int bytes = length == 126 ? 2 : 8;
                length = 0;
                for (int i = 0; i < bytes; i++) {
                    length = length << 8 | in.read();
                }
            }
            byte[] mask = (second & 128) != 0 ? in.readNBytes(4) : new byte[4];
            byte[] body = in.readNBytes((int) length);
            for (int i = 0; i < body.length; i++) {
                body[i] ^= mask[i % 4];
            }
            int opcode = first & 15;
            if (opcode == 8) {
                socketFrame(8, body);
                return;
            } else if (opcode == 9) {
                socketFrame(10, body);
            } else if (opcode < 3) {
                if (message.length() < KEPT) {
                    message.append(new String(body, StandardCharsets.UTF_8));
                }
                if ((first & 128) != 0) {
                    reply(message.toString());
                    message.setLength(0);
                }
            }
        }
    }

    private void reply(String message) throws IOException {
        if (message.contains("response.create")) {
            socketFrame(1, "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}".getBytes());
            socketFrame(1, ("{\"type\":\"response.done\",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\"," + USAGE
                    + "}}").getBytes());
        } else {
            socketFrame(1, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"what?\"}}"
                    .getBytes());
        }
    }

    private synchronized void socketFrame(int opcode, byte[] body) throws IOException {
        out.write(0x80 | opcode);
        if (body.length < 126) {
            out.write(body.length);
        } else {
            out.write(126);
            out.write(body.length >> 8);
            out.write(body.length);
        }
        out.write(body);
        out.flush();
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }
}
