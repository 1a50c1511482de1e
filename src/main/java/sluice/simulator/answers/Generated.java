package sluice.simulator.answers;

import java.util.ArrayList;
import java.util.List;
import sluice.simulator.schema.Example;

/**
 * An answer before it takes an endpoint's format. Its texts depend only on the call; its id and date are new.
 *
 * @param created seconds since 1970
 */
public record Generated(Call call, String id, long created, List<Choice> choices) {
    static final String FINGERPRINT = "fp_0000000000";

    /**
     * One of the answers to one of the inputs.
     *
     * @param text what the model says or, if it calls a tool, the arguments
     */
    record Choice(int index, Text text, String finishReason) {}

    /** Answers a call. */
    public static Generated answer(Call call, Manner manner) {
        List<Choice> choices = new ArrayList<>();
        if (call.endpoint().streams()) {
            for (String input : call.inputs()) {
                for (int variant = 0; variant < call.choices(); variant++) {
                    Text text = text(call, input, variant, manner.leastWords());
                    choices.add(new Choice(choices.size(), text, manner.finishReason().orElse(reason(call, text))));
                }
            }
        }
        return new Generated(call, call.endpoint().newId(), manner.created(), choices);
    }

    private static Text text(Call call, String input, int variant, int leastWords) {
        if (call.tool() != null) {
            return JsonText.of(call.tool().arguments(Prose.marker(input)), Call.UNBOUNDED);
        }
        return call.schema() == null
                ? Prose.answering(input, variant, leastWords, call.maxOutput())
                : JsonText.of(Example.of(call.schema(), Prose.marker(input)), call.maxOutput());
    }

    private static String reason(Call call, Text text) {
        if (call.tool() != null) {
            return "tool_calls";
        }
        return text.complete() ? "stop" : "length";
    }

    long inputTokens() {
        return call.inputTokens();
    }

    long outputTokens() {
        return choices.stream().mapToLong(choice -> choice.text().tokens()).sum();
    }
}
