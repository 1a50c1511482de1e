import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Sends valid requests with something broken in them, as many as asked, and checks that the gateway neither fails
 * of its own nor keeps anything. What each request is depends on the seed and its number alone.
 */
final class Mutation {
    private static final int WORKERS = 60;
    private static final int PER_CONNECTION = 20;
    private static final int ANSWER_MILLIS = 300;
    private static final int REST_SECONDS = 45;
    private static final double MOST_HEAP = 1.05;
    private static final long HEAP_SLACK = 2 << 20;
    private static final int SAMPLES = 20;
    private static final Path DIRECTORY = Path.of("target", "isolation", "mutation");
    private static final Pattern OWN = Pattern.compile("(?is)^HTTP/1\\.1 (500 |5\\d\\d .*x-sluice-error-source: gateway)");
    private static final String[] SOUP = {"Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999",
            "Content-Length: 0x10", "Content-Length: 3, 3", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: identity", "Transfer-Encoding:\tchunked", "Transfer-Encoding : chunked", ": nothing",
            "x y: z", " folded", "\tfolded", "Connection: close", "Connection: authorization, host", "Connection: upgrade",
            "Upgrade: websocket", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Expect: 100-continue",
            "Expect: something", "Host: ", "Host: a\r\nHost: b", "TE: trailers", "Trailer: x-late",
            "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: x", "Content-Encoding: gzip", "Content-Type: multipart/form-data",
            "Content-Type: multipart/form-data; boundary=\"", "Content-Type: text/plain; charset=\u00ff",
            "Authorization: Bearer ", "Authorization: Basic x", "Authorization: ", "x-sluice-max-wait: -1s",
            "x-sluice-max-wait: 99999999999999999999s", "x-sluice-priority: loud", "x-stainless-timeout: NaN",
            "Cache-Control: max-age=-99999999999", "Cache-Control: ,,=,", "traceparent: 00-00-00-00", "Range: bytes=0-",
            "Cookie: a=b", "x-null: a\u0000b", "x-cr: a\rb", "x-lf: a\nb", "x-long: " + "v".repeat(9_000)};

    private final Lab lab;
    private final long seed;
    private final int count;
    private final AtomicInteger next = new AtomicInteger();
    private final Map<String, Integer> answers = new TreeMap<>();
    private final List<String> own = new ArrayList<>();
    private int ownCount;

    private Mutation(Lab lab, int count, long seed) {
        this.lab = lab;
        this.count = count;
        this.seed = seed;
    }

    public static void main(String[] words) throws Exception {
        int count = words.length > 0 ? Integer.parseInt(words[0]) : 1_000_000;
        long seed = words.length > 1 ? Long.parseLong(words[1]) : 1;
        try (Lab lab = new Lab(Setup.named("mutation").withoutTls())) {
            boolean held = new Mutation(lab, count, seed).run();
            System.out.println(held ? "all bounds held" : "a bound is broken");
            lab.close();
            System.exit(held ? 0 : 1);
        }
    }

    private boolean run() throws Exception {
        Path results = DIRECTORY.resolve("results.md");
        Map<String, Double> quiet = Metrics.of(lab.admin).taken();
        warm();
        lab.leftAfter(quiet, REST_SECONDS);
        List<String> trouble = new ArrayList<>(lab.trouble());
        long heapBefore = lab.liveBytes() - (long) Metrics.of(lab.admin).value("sluice_cache_bytes");
        long began = System.nanoTime();
        work(count);
        double seconds = (System.nanoTime() - began) / 1e9;
        boolean lives = lab.livesNow();
        Map<String, Double> left = lives ? lab.leftAfter(quiet, REST_SECONDS) : Map.of();
        long heapAfter = lives ? lab.liveBytes() - (long) Metrics.of(lab.admin).value("sluice_cache_bytes") : 0;
        trouble.addAll(lab.trouble());
        Files.write(DIRECTORY.resolve("own-failures"), own, StandardCharsets.ISO_8859_1);
        Files.write(DIRECTORY.resolve("trouble"), trouble);
        boolean heapHeld = heapAfter <= heapBefore * MOST_HEAP + HEAP_SLACK;
        Lab.say(results, "| | |\n|---|---|");
        Lab.say(results, String.format(Locale.ROOT, "| requests, seed | %,d, %d |", count, seed));
        Lab.say(results, String.format(Locale.ROOT, "| rate | %.0f a second, %.0f s |", count / seconds, seconds));
        Lab.say(results, "| answers by status | " + answers + " |");
        Lab.say(results, "| 5xx of the gateway's own | " + ownCount + " |");
        Lab.say(results, "| exceptions and errors logged | " + trouble.size() + " |");
        Lab.say(results, "| the process lives | " + lives + " |");
        Lab.say(results, String.format(Locale.ROOT, "| live heap without cached answers, before and after | %.1f, %.1f MiB |",
                heapBefore / 1048576.0, heapAfter / 1048576.0));
        Lab.say(results, "| not given back | " + left + " |");
        return lives && left.isEmpty() && ownCount == 0 && trouble.isEmpty() && heapHeld;
    }

    /** The first requests only load classes and fill what is bounded. */
    private void warm() throws InterruptedException {
        int own = Math.min(20_000, count / 10 + 500);
        work(own);
        next.set(0);
        answers.clear();
    }

    private void work(int until) throws InterruptedException {
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(Thread.ofVirtual().start(() -> send(until)));
        }
        for (Thread worker : workers) {
            worker.join();
        }
    }

    private void send(int until) {
        Wire wire = null;
        int sent = 0;
        int refusedInRow = 0;
        for (int number = next.getAndIncrement(); number < until; number = next.getAndIncrement()) {
            byte[] request = request(number);
            String answer = "";
            try {
                if (wire == null) {
                    wire = Wire.plain(lab.port, "127.0.0.1");
                    sent = 0;
                }
                refusedInRow = 0;
                wire.send(request);
                answer = wire.answer(ANSWER_MILLIS);
            } catch (IOException closed) {
                if (wire == null && ++refusedInRow > 50) {
                    count("no connection");
                    return;
                }
            }
            tell(number, answer);
            if (wire != null && (answer.isEmpty() || ++sent == PER_CONNECTION
                    || answer.toLowerCase(Locale.ROOT).contains("\nconnection: close"))) {
                wire.close();
                wire = null;
            }
        }
        if (wire != null) {
            wire.close();
        }
    }

    private synchronized void count(String what) {
        answers.merge(what, 1, Integer::sum);
    }

    private synchronized void tell(int number, String answer) {
        int status = Wire.statusOf(answer);
        count(status == 0 ? "none" : Integer.toString(status));
        if (OWN.matcher(answer).find()) {
            ownCount++;
            if (own.size() < SAMPLES) {
                own.add("== request " + number + "\n" + new String(request(number), StandardCharsets.ISO_8859_1)
                        + "\n== answer\n" + answer);
            }
        }
    }

    // Requests

    byte[] request(int number) {
        Random dice = new Random(seed * 1_000_003 + number);
        byte[] bytes = valid(dice, number);
        for (int times = 1 + dice.nextInt(3); times > 0; times--) {
            bytes = mutated(bytes, dice);
        }
        return bytes;
    }

    private static byte[] valid(Random dice, int number) {
        String key = Lab.key("wide");
        String chat = "{\"model\":\"gpt-4o\",\"max_tokens\":5,\"stream\":" + dice.nextBoolean()
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + number % 50_000 + "\"}]}";
        String form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\nContent-Disposition: "
                + "form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF1234\r\n--b--\r\n";
        String text = switch (dice.nextInt(9)) {
            case 0 -> Wire.head("GET", "/v1/models", key, "");
            case 1 -> Wire.head("GET", "/v1/models/gpt-4o?x=%20y&z", key, "");
            case 2 -> Wire.head("POST", "/v1/chat/completions", key, "Content-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n") + chunked(chat, dice);
            case 3 -> Wire.head("POST", "/v1/audio/transcriptions", key, "Content-Type: multipart/form-data; boundary=b\r\n"
                    + "Content-Length: " + form.length() + "\r\n") + form;
            case 4 -> Wire.head("DELETE", "/v1/files/file-1", key, "");
            case 5 -> Wire.upgrade("/v1/realtime?model=gpt-4o", key);
            case 6 -> new String(Wire.post("/openai/deployments/gpt-4o/chat/completions?api-version=1", key, chat),
                    StandardCharsets.ISO_8859_1);
            case 7 -> Wire.head("POST", "/v1/embeddings", key, "Content-Type: application/json\r\nContent-Length: 50\r\n")
                    + "{\"model\":\"text-embedding-3\",\"input\":[\"a\",\"b\",\"cd\"]}".substring(0, 50);
            default -> new String(Wire.post("/v1/chat/completions", key, chat), StandardCharsets.ISO_8859_1);
        };
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String chunked(String body, Random dice) {
        StringBuilder chunks = new StringBuilder();
        for (int from = 0; from < body.length();) {
            int size = Math.min(body.length() - from, 1 + dice.nextInt(40));
            chunks.append(Integer.toHexString(size)).append("\r\n").append(body, from, from + size).append("\r\n");
            from += size;
        }
        return chunks.append("0\r\n\r\n").toString();
    }

    private static byte[] mutated(byte[] bytes, Random dice) {
        if (bytes.length < 4) {
            return bytes;
        }
        int at = dice.nextInt(bytes.length);
        int until = Math.min(bytes.length, at + 1 + dice.nextInt(30));
        return switch (dice.nextInt(11)) {
            case 0 -> {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << dice.nextInt(8));
                yield flipped;
            }
            case 1 -> {
                byte[] set = bytes.clone();
                set[at] = new byte[] {0, 10, 13, 32, 58, 127, -1, '"', '{', ']', '%', '\\'}[dice.nextInt(12)];
                yield set;
            }
            case 2 -> Arrays.copyOf(bytes, at);
            case 3 -> Wire.join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, until, bytes.length));
            case 4 -> Wire.join(Arrays.copyOf(bytes, until), Arrays.copyOfRange(bytes, at, bytes.length));
            case 5 -> Wire.join(bytes, Arrays.copyOfRange(bytes, at, bytes.length));
            case 6, 7 -> line(bytes, dice, SOUP[dice.nextInt(SOUP.length)]);
            case 8 -> repeatedLine(bytes, dice);
            case 9 -> number(bytes, dice);
            default -> {
                byte[] noise = new byte[1 + dice.nextInt(20)];
                dice.nextBytes(noise);
                yield Wire.join(Arrays.copyOf(bytes, at), noise, Arrays.copyOfRange(bytes, at, bytes.length));
            }
        };
    }

    private static List<String> lines(byte[] bytes) {
        return new ArrayList<>(List.of(new String(bytes, StandardCharsets.ISO_8859_1).split("\r\n", -1)));
    }

    private static byte[] joined(List<String> lines, Random dice) {
        String end = dice.nextInt(20) == 0 ? "\n" : "\r\n";
        return String.join(end, lines).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A header more, among those that are there. */
    private static byte[] line(byte[] bytes, Random dice, String more) {
        List<String> lines = lines(bytes);
        int heads = Math.max(1, lines.indexOf(""));
        lines.add(Math.min(lines.size(), 1 + dice.nextInt(heads)), more);
        return joined(lines, dice);
    }

    private static byte[] repeatedLine(byte[] bytes, Random dice) {
        List<String> lines = lines(bytes);
        int at = dice.nextInt(lines.size());
        for (int times = 1 + dice.nextInt(3); times > 0; times--) {
            lines.add(at, lines.get(at));
        }
        return joined(lines, dice);
    }

    /** Lengths, sizes of chunks and other numbers become others. */
    private static byte[] number(byte[] bytes, Random dice) {
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        for (byte each : bytes) {
            boolean digit = each >= '0' && each <= '9';
            changed.write(digit && dice.nextInt(4) == 0 ? '0' + dice.nextInt(10) : each);
            if (digit && dice.nextInt(30) == 0) {
                changed.writeBytes("9".repeat(1 + dice.nextInt(12)).getBytes(StandardCharsets.US_ASCII));
            }
        }
        return changed.toByteArray();
    }
}
