import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** One caller over a connection of its own, which compares each byte with what the upstream sends. */
final class Caller {
    /** How a call can end for its caller. */
    enum Ending {
        WHOLE, TOLD, CUT, REFUSED, KILLED, WRONG, HANGS
    }

    /**
     * What a caller saw.
     *
     * @param status of its answer; 0 if there was none
     * @param own    whether it was not another call's answer
     */
    record Saw(Ending ending, int status, boolean own) {

        @Override
        public String toString() {
            return switch (ending) {
                case WHOLE -> "whole" + (own ? ", own call" : "");
                case TOLD -> "cut, told";
                case CUT -> status == 0 ? "cut, no answer" : "cut";
                case REFUSED -> "error " + status;
                default -> ending.name().toLowerCase(Locale.ROOT);
            };
        }
    }

    private static final int PATIENCE_MILLIS = 60_000;
    private static final int SLOW_BYTES = 1024;
    private static final int SMALL_WINDOW = 4096;

    private final Script.Case played;
    private final Answer expected;
    /** After how many bytes it leaves. */
    private final long leavesAt;
    private final byte[] buffer;
    private volatile boolean slow;
    private Socket socket;
    private int from;
    private int to;
    private int status;
    private boolean own;
    private int matched;
    private final StringBuilder rest = new StringBuilder();

    private Caller(Script.Case played, long leavesAt, boolean slow) {
        this.played = played;
        this.expected = played.answer;
        this.leavesAt = leavesAt;
        this.slow = slow;
        this.buffer = new byte[slow ? SLOW_BYTES : 1 << 16];
    }

    static Caller patient(Script.Case played) {
        return new Caller(played, Long.MAX_VALUE, false);
    }

    /** Reads 1 KiB a second. */
    static Caller slow(Script.Case played) {
        return new Caller(played, Long.MAX_VALUE, true);
    }

    /** Leaves with a reset after so many events; before the answer begins if that is 0. */
    static Caller leaving(Script.Case played, int events) {
        return new Caller(played, events == 0 ? 0 : played.answer.from(events), false);
    }

    /** Reads as fast as it can from now on. */
    void hurry() {
        slow = false;
    }

    CompletableFuture<Saw> call(int port) {
        CompletableFuture<Saw> saw = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                saw.complete(saw(port));
            } catch (Throwable failure) {
                saw.completeExceptionally(failure);
            }
        });
        return saw;
    }

    private Saw saw(int port) throws InterruptedException {
        Ending ending;
        try (Socket opened = new Socket()) {
            socket = opened;
            if (slow) {
                socket.setReceiveBufferSize(SMALL_WINDOW);
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            String body = Joined.body(played.name, played.stream);
            socket.getOutputStream().write(("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
                    + Lab.KEY + "\r\ncontent-type: application/json\r\ncontent-length: " + body.length() + "\r\n\r\n"
                    + body).getBytes(StandardCharsets.US_ASCII));
            if (leavesAt == 0) {
                played.released.await();
                return left();
            }
            ending = read();
        } catch (SocketTimeoutException silent) {
            ending = Ending.HANGS;
        } catch (IOException reset) {
            ending = broken();
        }
        return new Saw(ending, status, own);
    }

    private Saw left() throws IOException {
        socket.setSoLinger(true, 0);
        return new Saw(Ending.KILLED, status, own);
    }

    private Ending read() throws IOException, InterruptedException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = next();
            if (next < 0) {
                return broken();
            }
            head.append((char) next);
        }
        String lines = head.toString().toLowerCase(Locale.ROOT);
        status = Integer.parseInt(lines.substring(9, 12));
        own = !lines.contains("x-sluice-cache: joined") && !lines.contains("x-sluice-cache: hit");
        boolean whole = lines.contains("transfer-encoding: chunked")
                ? chunks()
                : piece(Long.parseLong(lines.replaceAll("(?s).*content-length: (\\d+).*", "$1")));
        if (matched >= leavesAt) {
            left();
            return Ending.KILLED;
        }
        if (!whole) {
            return broken();
        }
        if (status != 200) {
            return Ending.REFUSED;
        }
        return rest.isEmpty() && matched == expected.bytes().length ? Ending.WHOLE : Ending.WRONG;
    }

    /** The connection ended before the answer did. */
    private Ending broken() {
        if (status != 200 && status != 0) {
            return Ending.WRONG;
        }
        if (rest.isEmpty()) {
            return Ending.CUT;
        }
        int boundary = expected.boundary(matched);
        String last = new String(expected.bytes(), boundary, matched - boundary, StandardCharsets.US_ASCII) + rest;
        return last.startsWith("data: {\"error\"") ? Ending.TOLD : Ending.WRONG;
    }

    /** Whether it ended as it should. */
    private boolean chunks() throws IOException, InterruptedException {
        while (matched < leavesAt) {
            StringBuilder line = new StringBuilder();
            for (int next = next(); next != '\n'; next = next()) {
                if (next < 0) {
                    return false;
                }
                line.append((char) next);
            }
            int length = Integer.parseInt(line.toString().strip(), 16);
            if (!piece(length) || next() != '\r' || next() != '\n') {
                return false;
            }
            if (length == 0) {
                return true;
            }
        }
        return false;
    }

    private boolean piece(long length) throws IOException, InterruptedException {
        long left = length;
        while (left > 0) {
            if (matched >= leavesAt || (from == to && !fill())) {
                return false;
            }
            int some = (int) Math.min(left, to - from);
            take(some);
            from += some;
            left -= some;
        }
        return true;
    }

    private void take(int some) {
        int equal = 0;
        if (status == 200 && rest.isEmpty()) {
            int most = Math.min(some, expected.bytes().length - matched);
            int differs = Arrays.mismatch(buffer, from, from + most, expected.bytes(), matched, matched + most);
            equal = differs < 0 ? most : differs;
            matched += equal;
        }
        if (equal < some && rest.length() < SMALL_WINDOW) {
            rest.append(new String(buffer, from + equal, some - equal, StandardCharsets.US_ASCII));
        }
    }

    private int next() throws IOException, InterruptedException {
        return from < to || fill() ? buffer[from++] & 0xff : -1;
    }

    private boolean fill() throws IOException, InterruptedException {
        InputStream in = socket.getInputStream();
        from = 0;
        to = Math.max(0, in.read(buffer));
        if (slow && to > 0) {
            Thread.sleep(1_000L * to / SLOW_BYTES);
        }
        return to > 0;
    }
}
