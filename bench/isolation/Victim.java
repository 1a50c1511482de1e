import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * A service that calls steadily: JSON and streams, over HTTP/1.1 and HTTP/2 by turns, and one answer a second over a
 * WebSocket; JSON over HTTP/1.1 on a new connection each time. Calls are sent when due, however earlier ones fared, and are timed from that moment.
 */
final class Victim implements AutoCloseable {
    private static final long CALL_MILLIS = 10_000;
    private static final AtomicLong PROMPTS = new AtomicLong(System.currentTimeMillis() << 20);

    /** What it met: microseconds of its calls, and what failed, by kind. */
    record Met(Histogram micros, Map<String, Integer> errors) {
        int failed() {
            return errors.values().stream().mapToInt(Integer::intValue).sum();
        }

        double millis(double percentile) {
            return micros.getValueAtPercentile(percentile) / 1000.0;
        }
    }

    private final Vertx vertx;
    private final int port;
    private final String key;
    private final HttpClient http1;
    private final HttpClient fresh;
    private final HttpClient http2;
    private final WebSocketClient sockets;

    Victim(Vertx vertx, int port, String key) {
        this.vertx = vertx;
        this.port = port;
        this.key = key;
        HttpClientOptions options = new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false)
                .setDefaultHost("127.0.0.1").setDefaultPort(port).setConnectTimeout(5_000);
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(200).setHttp2MaxSize(4);
        http1 = vertx.createHttpClient(new HttpClientOptions(options).setProtocolVersion(HttpVersion.HTTP_1_1), pool);
        fresh = vertx.createHttpClient(new HttpClientOptions(options).setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(false), pool);
        http2 = vertx.createHttpClient(new HttpClientOptions(options).setProtocolVersion(HttpVersion.HTTP_2)
                .setUseAlpn(true), pool);
        sockets = vertx.createWebSocketClient(new WebSocketClientOptions().setSsl(true).setTrustAll(true)
                .setVerifyHost(false).setConnectTimeout(5_000));
    }

    /** Calls this often each second, for this many seconds, then waits for the calls in flight. */
    Met run(int perSecond, int seconds, boolean withSocket) throws InterruptedException {
        Histogram micros = new ConcurrentHistogram(60_000_000, 3);
        Map<String, Integer> errors = new TreeMap<>();
        int calls = perSecond * seconds;
        CountDownLatch open = new CountDownLatch(calls + (withSocket ? 1 : 0));
        if (withSocket) {
            talk(seconds, micros, errors).onComplete(done -> open.countDown());
        }
        long began = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            long due = began + i * 1_000_000_000L / perSecond;
            Lab.nap(Math.max(0, (due - System.nanoTime()) / 1_000_000));
            int kind = i;
            call((kind & 1) != 0, (kind & 2) != 0).timeout(CALL_MILLIS, TimeUnit.MILLISECONDS).onComplete(done -> {
                micros.recordValue(Math.min(59_000_000, (System.nanoTime() - due) / 1000));
                if (done.failed()) {
                    count(errors, done.cause());
                }
                open.countDown();
            });
        }
        open.await(CALL_MILLIS + 5_000, TimeUnit.MILLISECONDS);
        synchronized (errors) {
            return new Met(micros, new TreeMap<>(errors));
        }
    }

    private static void count(Map<String, Integer> errors, Throwable cause) {
        String kind = cause instanceof Wrong ? cause.getMessage() : cause.getClass().getSimpleName();
        synchronized (errors) {
            errors.merge(kind, 1, Integer::sum);
        }
    }

    private static final class Wrong extends RuntimeException {
        Wrong(String what) {
            super(what, null, false, false);
        }
    }

    /** On an event loop, since an answer may come before another thread has said what to do with it. */
    Future<Void> call(boolean stream, boolean h2) {
        io.vertx.core.Promise<Void> over = io.vertx.core.Promise.promise();
        vertx.runOnContext(now -> ask(stream, h2).onComplete(over));
        return over.future();
    }

    private Future<Void> ask(boolean stream, boolean h2) {
        String body = "{\"model\":\"gpt-4o\",\"max_tokens\":20,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + PROMPTS.incrementAndGet() + "\"}]}";
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST).setURI("/v1/chat/completions")
                .putHeader("Authorization", "Bearer " + key).putHeader("Content-Type", "application/json");
        return (h2 ? http2 : stream ? http1 : fresh).request(options).compose(request -> request.send(Buffer.buffer(body)))
                .compose(answer -> answer.body().map(bytes -> {
                    String text = bytes.toString();
                    if (answer.statusCode() != 200) {
                        throw new Wrong(answer.statusCode() + "");
                    }
                    if (!(stream ? text.endsWith("data: [DONE]\n\n") : text.endsWith("}}"))) {
                        throw new Wrong("cut " + (h2 ? "h2 " : "h1 ") + (stream ? "stream " : "json ") + text.length()
                                + " bytes: " + text.substring(Math.max(0, text.length() - 60)).replace('\n', ' '));
                    }
                    return null;
                }));
    }

    /** Asks once a second over one socket, and times each answer. */
    private Future<Void> talk(int seconds, Histogram micros, Map<String, Integer> errors) {
        WebSocketConnectOptions options = new WebSocketConnectOptions().setHost("127.0.0.1").setPort(port).setSsl(true)
                .setURI("/v1/realtime?model=gpt-4o").putHeader("Authorization", "Bearer " + key)
                .setTimeout(CALL_MILLIS);
        return sockets.connect(options).compose(socket -> {
            io.vertx.core.Promise<Void> over = io.vertx.core.Promise.promise();
            long[] asked = {0};
            int[] left = {seconds};
            long timer = vertx.setPeriodic(1, 1_000, id -> {
                if (asked[0] != 0) {
                    return;
                }
                if (left[0]-- == 0) {
                    socket.close();
                    return;
                }
                asked[0] = System.nanoTime();
                socket.writeTextMessage("{\"type\":\"response.create\",\"response\":{\"max_output_tokens\":10}}");
            });
            socket.textMessageHandler(text -> {
                if (text.contains("\"response.done\"")) {
                    micros.recordValue(Math.min(59_000_000, (System.nanoTime() - asked[0]) / 1000));
                    asked[0] = 0;
                } else if (text.contains("\"error\"")) {
                    count(errors, new Wrong("socket error"));
                    asked[0] = 0;
                }
            });
            socket.closeHandler(closed -> {
                vertx.cancelTimer(timer);
                if (left[0] >= 0) {
                    count(errors, new Wrong("socket closed"));
                }
                over.tryComplete();
            });
            vertx.setTimer(seconds * 1000L + CALL_MILLIS, late -> {
                if (!over.future().isComplete()) {
                    count(errors, new Wrong("socket silent"));
                    left[0] = -1;
                    socket.close();
                    over.tryComplete();
                }
            });
            return over.future();
        }).onFailure(cause -> count(errors, new Wrong("socket " + cause.getClass().getSimpleName())));
    }

    @Override
    public void close() {
        http1.close();
        fresh.close();
        http2.close();
        sockets.close();
    }
}
