package sluice.simulator.answers;

import java.util.ArrayList;
import java.util.List;

/**
 * An answer before it takes an endpoint's format. Its texts depend only on the call; its id and date are new.
 *
 * @param created seconds since 1970
 */
public record Generated(Call call, String id, long created, List<Choice> choices) {
    static final String FINGERPRINT = "fp_0000000000";

    /** One of the answers to one of the inputs. */
    record Choice(int index, Prose prose, String finishReason, String toolArguments) {

        /** One of {@code parts} consecutive pieces of the arguments. */
        String argumentsPart(int index, int parts) {
            return toolArguments.substring((int) ((long) toolArguments.length() * index / parts),
                    (int) ((long) toolArguments.length() * (index + 1) / parts));
        }
    }

    /** Answers a call. */
    public static Generated answer(Call call, Manner manner) {
        List<Choice> choices = new ArrayList<>();
        if (call.endpoint().streams()) {
            for (String input : call.inputs()) {
                for (int variant = 0; variant < call.choices(); variant++) {
                    Prose prose = Prose.answering(input, variant, manner.leastWords(), call.maxOutput());
                    choices.add(new Choice(choices.size(), prose, manner.finishReason().orElse(reason(call, prose)),
                            call.tool() == null ? "" : call.tool().arguments(Prose.marker(input))));
                }
            }
        }
        return new Generated(call, call.endpoint().newId(), manner.created(), choices);
    }

    private static String reason(Call call, Prose prose) {
        if (call.tool() != null) {
            return "tool_calls";
        }
        return prose.complete() ? "stop" : "length";
    }

    long inputTokens() {
        return call.inputTokens();
    }

    long outputTokens() {
        return choices.stream().mapToLong(choice -> choice.prose().tokens()).sum();
    }
}
