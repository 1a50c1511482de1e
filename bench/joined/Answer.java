import java.nio.charset.StandardCharsets;

/**
 * The answer of a case: events of a stream, the last of which is {@code [DONE]}, or a JSON text in as many pieces.
 *
 * @param ends where each piece ends
 */
record Answer(byte[] bytes, int[] ends) {

    /** @param events pieces before the last one, each with this many characters of text */
    static Answer of(boolean stream, int events, int characters) {
        StringBuilder text = new StringBuilder();
        int[] ends = new int[events + 1];
        String words = "y".repeat(characters);
        if (!stream) {
            text.append("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"gpt-4o-mini\","
                    + "\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\","
                    + "\"content\":\"");
        }
        for (int i = 0; i < events; i++) {
            text.append(stream
                    ? "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                            + "\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + i + words
                            + "\"},\"finish_reason\":" + (i == events - 1 ? "\"stop\"" : "null") + "}]}\n\n"
                    : i + words);
            ends[i] = text.length();
        }
        text.append(stream
                ? "data: [DONE]\n\n"
                : "\"}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}");
        ends[events] = text.length();
        return new Answer(text.toString().getBytes(StandardCharsets.US_ASCII), ends);
    }

    int pieces() {
        return ends.length;
    }

    int from(int piece) {
        return piece == 0 ? 0 : ends[piece - 1];
    }

    int length(int piece) {
        return ends[piece] - from(piece);
    }

    /** The last place up to this one at which an event ends. */
    int boundary(int place) {
        int boundary = 0;
        for (int end : ends) {
            boundary = end <= place ? end : boundary;
        }
        return boundary;
    }
}
