package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The names of fields that most bodies have, so that they need not be decoded again for each. */
final class KnownNames {
    private static final int SIZE = 1024;
    private static final byte[][] BYTES = new byte[SIZE][];
    private static final String[] NAMES = new String[SIZE];

    static {
        for (String name : new String[]{"model", "messages", "role", "content", "type", "text", "input", "stream",
                "stream_options", "include_usage", "temperature", "top_p", "max_tokens", "max_completion_tokens",
                "max_output_tokens", "n", "stop", "seed", "user", "tools", "tool_choice", "function", "name",
                "description", "parameters", "properties", "required", "items", "enum", "strict", "tool_calls",
                "tool_call_id", "id", "arguments", "call_id", "output", "response_format", "json_schema", "schema",
                "metadata", "store", "service_tier", "instructions", "reasoning", "reasoning_effort", "effort",
                "parallel_tool_calls", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "image_url",
                "url", "detail", "prompt", "encoding_format", "dimensions", "previous_response_id",
                "safety_identifier", "prompt_cache_key"}) {
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            int slot = slot(bytes, 0, bytes.length);
            BYTES[slot] = bytes;
            NAMES[slot] = name;
        }
    }

    private KnownNames() {}

    /** The name in these bytes, which are UTF-8. */
    static String of(byte[] body, int from, int to) {
        if (from == to) {
            return "";
        }
        int slot = slot(body, from, to);
        byte[] known = BYTES[slot];
        return known != null && Arrays.equals(known, 0, known.length, body, from, to)
                ? NAMES[slot]
                : new String(body, from, to - from, StandardCharsets.UTF_8);
    }

    /** Two names may share a slot; then one of them is decoded each time. */
    private static int slot(byte[] bytes, int from, int to) {
        int mixed = (to - from) * 31 + bytes[from];
        mixed = mixed * 31 + bytes[from + (to - from) / 2];
        return (mixed * 31 + bytes[to - 1]) & SIZE - 1;
    }
}
