package sluice.testing;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/** An upstream that answers each request step by step, as the test goes on: {@link #does} says what it writes next. */
public final class SteppedUpstream implements AutoCloseable {
    /** A step: closes the connection. */
    public static final String CLOSE = "close";
    /** A step: the answer is whole, and the connection is free for another request. */
    public static final String NEXT = "next";
    /** A step: the head of a stream of events. */
    public static final String EVENTS = """
            HTTP/1.1 200 OK\r
            content-type: text/event-stream\r
            transfer-encoding: chunked\r
            \r
            """;
    /** A step: the end of such a stream. */
    public static final String DONE = chunk("data: [DONE]\n\n") + "0\r\n\r\n";
    /** What a chat completion reports of its tokens. */
    public static final String USAGE = "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}";
    /** The body of a chat completion. */
    public static final String COMPLETION = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\","
            + "\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","
            + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"}}]," + USAGE + "}";

    private final Map<Integer, BlockingQueue<String>> steps = new ConcurrentHashMap<>();
    private final ScriptedUpstream upstream = ScriptedUpstream.start(this::serve);

    /** A step: a chunk of a body. */
    public static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    /** An event with a piece of a chat completion. */
    public static String event(int number) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + number + "\"}}]}\n\n";
    }

    /** A step: an answer of JSON. */
    public static String json(int status, String body) {
        return "HTTP/1.1 " + status + " X\r\ncontent-type: application/json\r\ncontent-length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private void serve(ScriptedUpstream.Peer peer, int number) throws IOException {
        peer.readBody();
        peer.run();
        try {
            for (String step = of(number).take(); !step.equals(NEXT); step = of(number).take()) {
                if (step.equals(CLOSE)) {
                    peer.close();
                    return;
                }
                peer.write(step);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private BlockingQueue<String> of(int number) {
        return steps.computeIfAbsent(number, first -> new LinkedBlockingQueue<>());
    }

    /**
     * Takes more steps for a request; it may not have come yet.
     *
     * @param number of the request, counted from 1
     */
    public void does(int number, String... more) {
        of(number).addAll(List.of(more));
    }

    public int port() {
        return upstream.port();
    }

    /** How often the model ran. */
    public int runs() {
        return upstream.runs();
    }

    @Override
    public void close() {
        upstream.close();
    }
}
