import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to harm the callers of a gateway, in two variants.
 *
 * @param who tenant, strangers or upstream
 */
record Attack(String name, String who, String first, String second, Course course) {
    private static final AtomicLong PROMPTS = new AtomicLong(System.currentTimeMillis() << 20);
    private static final String COMPLETIONS = "/v1/completions";
    private static final String SOCKET = "/v1/realtime?model=gpt-4o";
    private static final int MIB = 1024 * 1024;
    private static final int TEXT = 1;

    interface Course {
        void run(Scene scene, boolean second) throws IOException;
    }

    String variant(boolean isSecond) {
        return isSecond ? second : first;
    }

    /** {@code NAME VARIANT PORT ADMIN-PORT TENANT SECONDS}: says that it is ready, then attacks. */
    public static void main(String[] words) throws IOException {
        Attack attack = ALL.stream().filter(each -> each.name().equals(words[0])).findFirst().orElseThrow();
        System.out.println("ready");
        long until = System.nanoTime() + Long.parseLong(words[5]) * 1_000_000_000L;
        attack.course().run(new Scene(Integer.parseInt(words[2]), Integer.parseInt(words[3]),
                Integer.parseInt(words[4]), until), words[1].equals("2"));
        System.exit(0);
    }

    private static void wait(Scene scene, int millis) {
        if (!scene.over()) {
            Lab.nap(millis);
        }
    }

    static String ask(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":5,\"stream\":" + stream + ",\"prompt\":\""
                + PROMPTS.incrementAndGet() + "\"}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sends one call of a model and reads on. */
    private static Scene.Deed call(boolean h2, String key, String model, boolean stream) {
        return (wire, worker) -> post(wire, h2, COMPLETIONS, key, ask(model, stream));
    }

    private static void post(Wire wire, boolean h2, String path, String key, String body) throws IOException {
        if (h2) {
            wire.call(path, key, bytes(body));
        } else {
            wire.send(Wire.post(path, key, body));
        }
    }

    private static Scene.Deed get(boolean h2, String path, String key) {
        return (wire, worker) -> {
            if (h2) {
                wire.call("GET", path, key);
            } else {
                wire.send(Wire.head("GET", path, key, ""));
            }
        };
    }

    private static final Scene.Deed READS = (wire, worker) -> wire.drained();
    private static final Scene.Deed NOTHING = (wire, worker) -> {};

    /** A tenant calls a model at which the upstream is broken, four times a second. */
    private static Attack broken(String name, String model) {
        return new Attack(name, "upstream", "JSON", "stream", (scene, stream) -> scene.each(4, 30_000,
                scene.http(false), (wire, worker) -> {
                    wire.drained();
                    post(wire, false, COMPLETIONS, scene.key(), ask(model, stream));
                }));
    }

    /** A tenant opens a WebSocket and then sends frames, so many a second, in batches. */
    private static Attack socket(String name, byte[] frame, int batch, int perSecond) {
        byte[] frames = Wire.repeated(frame, batch);
        return new Attack(name, "tenant", "never reads", "reads", (scene, reads) -> scene.flood(2, perSecond,
                scene.http(false), (wire, worker) -> {
                    wire.send(Wire.upgrade(SOCKET, scene.key())).some(2048, 2_000);
                    if (reads) {
                        wire.drained();
                    }
                }, (wire, worker) -> wire.send(frames)));
    }

    /** A tenant sends a large body, made once, every second or so. */
    private static Attack large(String name, String first, String second, Large maker) {
        return new Attack(name, "tenant", first, second, (scene, isSecond) -> {
            byte[] request = maker.request(scene.key(), isSecond);
            scene.flood(2, 1, scene.http(false), READS, (wire, worker) -> wire.send(request));
        });
    }

    interface Large {
        byte[] request(String key, boolean second);
    }

    private static byte[] fieldNames(String key, boolean nested) {
        StringBuilder body = new StringBuilder(32 * MIB).append("{\"model\":\"gpt-4o\"");
        if (nested) {
            body.append(",\"metadata\":{\"a\":0");
        }
        for (int i = 0; body.length() < 31 * MIB; i++) {
            body.append(",\"").append(Integer.toString(i, 36)).append("\":0");
        }
        return Wire.post(COMPLETIONS, key, body.append(nested ? "}}" : "}").toString());
    }

    private static byte[] brackets(String key, boolean objects) {
        String open = objects ? "{\"a\":" : "[";
        String body = "{\"model\":\"gpt-4o\",\"prompt\":" + open.repeat(16 * MIB / open.length());
        return Wire.post(COMPLETIONS, key, body);
    }

    private static byte[] longModel(String key, boolean form) {
        String name = "m".repeat(31 * MIB);
        if (!form) {
            return Wire.post(COMPLETIONS, key, "{\"model\":\"" + name + "\",\"prompt\":\"x\"}");
        }
        String body = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + name + "\r\n--b--\r\n";
        return bytes(Wire.head("POST", "/v1/audio/transcriptions", key,
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " + body.length() + "\r\n") + body);
    }

    private static byte[] manyParts(String key, boolean chunked) {
        String part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n";
        String body = part.repeat(8 * MIB / part.length()) + "--b--\r\n";
        String type = "Content-Type: multipart/form-data; boundary=b\r\n";
        return bytes(chunked
                ? Wire.head("POST", "/v1/audio/transcriptions", key, type + "Transfer-Encoding: chunked\r\n")
                        + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n"
                : Wire.head("POST", "/v1/audio/transcriptions", key, type + "Content-Length: " + body.length() + "\r\n")
                        + body);
    }

    private static byte[] numbers(String key, boolean digits) {
        String body = "{\"model\":\"gpt-4o\",\"prompt\":" + (digits ? "9".repeat(31 * MIB)
                : "[" + "1e99,".repeat(6 * MIB) + "1]") + "}";
        return Wire.post(COMPLETIONS, key, body);
    }

    static final List<Attack> ALL = all();

    private static List<Attack> all() {
        List<Attack> all = new ArrayList<>();
        // Strangers: connections
        all.add(new Attack("idle-after-401", "strangers", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.hold(
                Setup.MAX_CONNECTIONS + 200, 200, scene.http(h2), get(h2, "/v1/models", Scene.wrong()))));
        all.add(new Attack("half-heads", "strangers", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.hold(
                Setup.MAX_CONNECTIONS + 200, 200, scene.http(h2), (wire, worker) -> half(wire, h2))));
        all.add(new Attack("half-second-heads", "strangers", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.hold(
                Setup.MAX_CONNECTIONS + 200, 200, scene.http(h2), (wire, worker) -> {
                    get(h2, "/v1/models", Scene.wrong()).run(wire, worker);
                    half(wire, h2);
                })));
        all.add(new Attack("stalled-handshakes", "strangers", "silent", "half a ClientHello", (scene, some) ->
                scene.hold(Setup.MAX_CONNECTIONS + 200, 300, scene.plain(), (wire, worker) -> {
                    if (some) {
                        wire.send(new byte[] {22, 3, 1, 2, 0, 1, 0, 1});
                    }
                })));
        all.add(new Attack("connections-churned", "strangers", "silent", "handshake", (scene, handshake) -> scene.each(
                handshake ? 100 : 300, 0, handshake ? scene.http(false) : scene.plain(), NOTHING)));
        all.add(new Attack("garbage-bytes", "strangers", "before TLS", "within TLS", (scene, within) -> scene.each(100,
                50, within ? scene.http(false) : scene.plain(), (wire, worker) -> wire.send(
                        Wire.repeated(new byte[] {1, 2, 3, 0, -1, 10, 13}, 200)))));
        // Strangers: floods
        all.add(new Attack("flood-401", "strangers", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.flood(8, 1500,
                scene.http(h2), READS, get(h2, "/v1/models", Scene.wrong()))));
        all.add(new Attack("flood-401-bodies", "strangers", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.flood(8, 200,
                scene.http(h2), READS, (wire, worker) -> post(wire, h2, COMPLETIONS, Scene.wrong(),
                        "{\"x\":\"" + "x".repeat(16_000) + "\"}"))));
        all.add(new Attack("pipelined-401", "strangers", "never reads", "reads", (scene, reads) -> {
            byte[] batch = Wire.repeated(bytes(Wire.head("GET", "/v1/models", Scene.wrong(), "")), 100);
            scene.flood(4, 20, scene.http(false), reads ? READS : NOTHING, (wire, worker) -> wire.send(batch));
        }));
        all.add(new Attack("header-flood", "strangers", "HTTP/1.1", "HTTP/2", (scene, h2) -> {
            String[] more = new String[1200];
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < more.length; i += 2) {
                more[i] = "x-filler-" + i;
                more[i + 1] = "some value of a header " + i;
                lines.append(more[i]).append(": ").append(more[i + 1]).append("\r\n");
            }
            byte[] head = bytes(Wire.head("GET", "/v1/models", Scene.wrong(), lines.toString()));
            byte[] block = Wire.fields("GET", "/v1/models", Scene.wrong(), more);
            scene.flood(4, 200, scene.http(h2), READS, (wire, worker) -> {
                if (h2) {
                    headers(wire, block, 16 * 1024);
                } else {
                    wire.send(head);
                }
            });
        }));
        all.add(new Attack("endless-head", "strangers", "HTTP/1.1", "HTTP/2 CONTINUATION", (scene, h2) -> scene.flood(4,
                200, scene.http(h2), (wire, worker) -> {
                    wire.drained();
                    half(wire, h2);
                }, (wire, worker) -> {
                    if (h2) {
                        wire.send(Wire.frame(Wire.CONTINUATION, 0, 1, Wire.repeated(new byte[] {0, 1, 'a', 1, 'b'}, 400)));
                    } else {
                        wire.send("x-filler: 0123456789\r\n".repeat(100));
                    }
                })));
        all.add(new Attack("rapid-reset", "strangers", "one connection", "eight connections", (scene, many) ->
                scene.flood(many ? 8 : 1, 100, scene.http(true), READS, (wire, worker) -> {
                    byte[] fields = Wire.fields("GET", "/v1/models", Scene.wrong());
                    for (int i = 0; i < 20; i++) {
                        int id = wire.next();
                        wire.send(Wire.join(Wire.frame(Wire.HEADERS, Wire.END_HEADERS | Wire.END_STREAM, id, fields),
                                Wire.frame(Wire.RESET, 0, id, new byte[] {0, 0, 0, 8})));
                    }
                })));
        all.add(new Attack("control-frames", "strangers", "SETTINGS", "PING", (scene, pings) -> {
            byte[] frames = Wire.repeated(pings ? Wire.frame(Wire.PING, 0, 0, new byte[8])
                    : Wire.frame(Wire.SETTINGS, 0, 0, new byte[] {0, 3, 0, 0, 0, 100}), 200);
            scene.flood(4, 50, scene.http(true), NOTHING, (wire, worker) -> wire.send(frames));
        }));
        all.add(new Attack("scrapes", "strangers", "kept", "new connections", (scene, fresh) -> {
            Scene.Opener opener = worker -> Wire.plain(scene.admin(), Scene.address(worker));
            byte[] get = bytes("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
            if (fresh) {
                scene.each(50, 1_000, opener, (wire, worker) -> wire.drained().send(get));
            } else {
                scene.flood(4, 50, opener, NOTHING, (wire, worker) -> wire.send(get));
            }
        }));
        all.add(new Attack("admin-held", "strangers", "silent", "half a head", (scene, some) -> scene.hold(
                2 * Setup.MAX_CONNECTIONS, 300, worker -> Wire.plain(scene.admin(), Scene.address(worker)),
                (wire, worker) -> wire.send(some ? "GET /met" : ""))));
        all.add(new Attack("socket-strangers", "strangers", "wrong key", "no upgrade", (scene, plain) -> scene.each(60,
                500, scene.http(false), (wire, worker) -> wire.send(plain ? Wire.head("GET", SOCKET, Scene.wrong(), "")
                        : Wire.upgrade(SOCKET, Scene.wrong())))));
        // A tenant: bodies
        all.add(new Attack("slow-bodies", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.hold(100, 20,
                scene.http(h2), (wire, worker) -> {
                    wire.drained();
                    beginBody(wire, h2, scene.key(), 1000);
                    Thread.ofVirtual().start(() -> {
                        try {
                            for (int i = 0; i < 900 && !scene.over(); i++, Lab.nap(200)) {
                                wire.send(h2 ? Wire.frame(Wire.DATA, 0, 1, new byte[] {' '}) : new byte[] {' '});
                            }
                        } catch (IOException closed) {
                            // So be it.
                        }
                    });
                })));
        all.add(new Attack("announced-bodies", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.hold(60, 20,
                scene.http(h2), (wire, worker) -> beginBody(wire.drained(), h2, worker % 2 == 0 ? scene.key()
                        : Lab.key("wide"), 32 * MIB))));
        all.add(new Attack("held-bodies", "tenant", "60 rpm", "without limits", (scene, wide) -> scene.hold(40, 10,
                scene.http(false), (wire, worker) -> {
                    beginBody(wire.drained(), false, wide ? Lab.key("wide") : scene.key(), 32 * MIB);
                    wire.send(new byte[16 * MIB]);
                })));
        all.add(large("field-names", "top level", "nested", Attack::fieldNames));
        all.add(large("deep-brackets", "arrays", "objects", Attack::brackets));
        all.add(large("long-model", "JSON", "form", Attack::longModel));
        all.add(large("long-numbers", "many", "one", Attack::numbers));
        all.add(large("many-parts", "with a length", "in one chunk", Attack::manyParts));
        all.add(new Attack("form-bytes", "tenant", "HTTP/1.1 chunks", "HTTP/2 frames", (scene, h2) -> scene.flood(2, 4,
                scene.http(h2), READS, (wire, worker) -> formInBytes(wire, h2, scene.key()))));
        // A tenant: answers
        all.add(new Attack("unread-json", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.hold(60, 8,
                scene.http(h2), call(h2, scene.key(), "bad-large", false))));
        all.add(new Attack("unread-streams", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.hold(60, 8,
                scene.http(h2), call(h2, scene.key(), "bad-endless", true))));
        all.add(new Attack("unread-hits", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> {
            String same = "{\"model\":\"bad-large\",\"max_tokens\":5,\"prompt\":\"the same\"}";
            scene.hold(60, 8, scene.http(h2), (wire, worker) -> {
                for (int i = 0; i < 5; i++) {
                    post(wire, h2, COMPLETIONS, scene.key(), same);
                }
            });
        }));
        all.add(new Attack("large-hits", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> {
            String same = "{\"model\":\"bad-large\",\"max_tokens\":5,\"prompt\":\"the same\"}";
            scene.flood(32, 400, scene.http(h2), READS,
                    (wire, worker) -> post(wire, h2, COMPLETIONS, Lab.key("wide"), same));
        }));
        all.add(new Attack("large-answers", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.flood(32, 100,
                scene.http(h2), READS, call(h2, Lab.key("wide"), "bad-large", false))));
        all.add(new Attack("large-prompts", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> {
            String prompt = "y".repeat(16 * MIB);
            scene.flood(2, 2, scene.http(h2), READS, (wire, worker) -> post(wire, h2, COMPLETIONS, Lab.key("wide"),
                    ask("gpt-4o", false).replace("\"prompt\":\"", "\"prompt\":\"" + prompt)));
        }));
        all.add(new Attack("cancelled", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.each(40, 20, scene.http(h2),
                call(h2, scene.key(), "gpt-4o", true))));
        all.add(new Attack("flood-429", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.flood(4, 1000,
                scene.http(h2), READS, call(h2, Lab.key("spent"), "gpt-4o", false))));
        all.add(new Attack("flood-404", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.flood(4, 1000,
                scene.http(h2), READS, get(h2, "/nowhere", scene.key()))));
        all.add(new Attack("flood-400", "tenant", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.flood(4, 500,
                scene.http(h2), READS, (wire, worker) -> post(wire, h2, COMPLETIONS, Lab.key("wide"), "{]"))));
        all.add(new Attack("pipelined-calls", "tenant", "never reads", "reads", (scene, reads) -> scene.flood(2, 10,
                scene.http(false), reads ? READS : NOTHING, (wire, worker) -> {
                    for (int i = 0; i < 20; i++) {
                        wire.send(Wire.post(COMPLETIONS, scene.key(), ask("gpt-4o", false)));
                    }
                })));
        all.add(new Attack("invented-models", "tenant", "JSON", "stream", (scene, stream) -> scene.flood(2, 50,
                scene.http(false), READS, (wire, worker) -> post(wire, false, COMPLETIONS, Lab.key("wide"),
                        ask("invented-" + PROMPTS.incrementAndGet(), stream)))));
        all.add(new Attack("cache-filled", "tenant", "JSON", "stream", (scene, stream) -> scene.flood(2, 20,
                scene.http(false), READS, call(false, Lab.key("wide"), "bad-large", stream))));
        all.add(new Attack("upstream-held", "tenant", "JSON", "stream", (scene, stream) -> scene.hold(300, 60,
                scene.http(false), (wire, worker) -> call(false, Lab.key("wide"), "bad-slow", stream).run(wire.drained(),
                        worker))));
        // A tenant: WebSockets
        all.add(socket("socket-frames", Wire.message(TEXT, true, bytes("{}")), 5000, 100));
        all.add(socket("socket-pings", Wire.message(9, true, new byte[100]), 500, 100));
        all.add(socket("socket-fragments", Wire.message(0, false, new byte[0]), 5000, 100));
        all.add(socket("socket-large", Wire.message(TEXT, true, bytes("{\"type\":\"x\",\"y\":\"" + "y".repeat(8 * MIB)
                + "\"}")), 1, 4));
        all.add(socket("socket-creates", Wire.message(TEXT, true, bytes("{\"type\":\"response.create\"}")), 20, 50));
        all.add(new Attack("socket-churn", "tenant", "closed", "cut", (scene, cut) -> scene.each(40, 0,
                scene.http(false), (wire, worker) -> {
                    wire.send(Wire.upgrade(SOCKET, Lab.key("wide"))).some(2048, 2_000);
                    if (!cut) {
                        wire.send(Wire.message(8, true, new byte[] {3, -24})).some(64, 500);
                    }
                })));
        all.add(new Attack("socket-followed", "tenant", "by an upgrade", "by a call", (scene, call) -> scene.each(60, 200,
                scene.http(false), (wire, worker) -> wire.drained().send(Wire.upgrade(SOCKET, Lab.key("wide"))
                        + (call ? Wire.head("GET", "/v1/models", Lab.key("wide"), "") : Wire.upgrade(SOCKET,
                                Lab.key("wide")))))));
        all.add(new Attack("socket-idle", "tenant", "60 rpm", "without limits", (scene, wide) -> scene.hold(400, 50,
                scene.http(false), (wire, worker) -> wire.send(Wire.upgrade(SOCKET, wide ? Lab.key("wide")
                        : scene.key())))));
        // The upstream
        all.add(broken("upstream-503", "bad-503"));
        all.add(broken("upstream-500", "bad-500"));
        all.add(broken("upstream-429", "bad-429"));
        all.add(broken("upstream-429-for-ever", "bad-429-long"));
        all.add(broken("upstream-flex", "bad-flex"));
        all.add(broken("upstream-too-large", "bad-too-large"));
        all.add(broken("upstream-scopes", "bad-scopes"));
        all.add(broken("upstream-hangs", "bad-hang"));
        all.add(broken("upstream-endless", "bad-endless"));
        all.add(broken("upstream-giant-event", "bad-giant-event"));
        all.add(broken("upstream-head", "bad-head"));
        all.add(broken("upstream-cut", "bad-cut"));
        all.add(new Attack("upstream-endless-list", "upstream", "HTTP/1.1", "HTTP/2", (scene, h2) -> scene.each(2,
                30_000, scene.http(h2), (wire, worker) -> get(h2, "/v1/models?model=endless-list", scene.key())
                        .run(wire.drained(), worker))));
        return List.copyOf(all);
    }

    private static void half(Wire wire, boolean h2) throws IOException {
        if (h2) {
            wire.send(Wire.frame(Wire.HEADERS, 0, wire.next(), Wire.fields("GET", "/v1/models", Scene.wrong())));
        } else {
            wire.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx-half");
        }
    }

    private static void headers(Wire wire, byte[] block, int piece) throws IOException {
        int id = wire.next();
        for (int from = 0; from < block.length; from += piece) {
            int until = Math.min(block.length, from + piece);
            int flags = (until == block.length ? Wire.END_HEADERS : 0) | (from == 0 ? Wire.END_STREAM : 0);
            wire.send(Wire.frame(from == 0 ? Wire.HEADERS : Wire.CONTINUATION, flags, id,
                    java.util.Arrays.copyOfRange(block, from, until)));
        }
    }

    private static void beginBody(Wire wire, boolean h2, String key, int length) throws IOException {
        if (h2) {
            wire.send(Wire.frame(Wire.HEADERS, Wire.END_HEADERS, wire.next(), Wire.fields("POST", COMPLETIONS, key,
                    "content-type", "application/json", "content-length", Integer.toString(length))));
        } else {
            wire.send(Wire.head("POST", COMPLETIONS, key, "Content-Type: application/json\r\nContent-Length: " + length
                    + "\r\n"));
        }
    }

    /** 256 KiB of a form, a byte at a time, as far as a window of HTTP/2 goes. */
    private static void formInBytes(Wire wire, boolean h2, String key) throws IOException {
        byte[] form = bytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"
                + "\r\n--c".repeat(h2 ? 10_000 : 50_000) + "\r\n--b--\r\n");
        java.io.ByteArrayOutputStream pieces = new java.io.ByteArrayOutputStream();
        if (h2) {
            int id = wire.next();
            wire.send(Wire.frame(Wire.HEADERS, Wire.END_HEADERS, id, Wire.fields("POST", "/v1/audio/transcriptions", key,
                    "content-type", "multipart/form-data; boundary=b")));
            for (byte each : form) {
                pieces.writeBytes(Wire.frame(Wire.DATA, 0, id, new byte[] {each}));
            }
            pieces.writeBytes(Wire.frame(Wire.DATA, Wire.END_STREAM, id, Wire.NOTHING));
        } else {
            wire.send(Wire.head("POST", "/v1/audio/transcriptions", key, "Content-Type: multipart/form-data; boundary="
                    + "b\r\nTransfer-Encoding: chunked\r\n"));
            for (byte each : form) {
                pieces.writeBytes(new byte[] {'1', '\r', '\n', each, '\r', '\n'});
            }
            pieces.writeBytes(bytes("0\r\n\r\n"));
        }
        wire.send(pieces.toByteArray());
    }
}
