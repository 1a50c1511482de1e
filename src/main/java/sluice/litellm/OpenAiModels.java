package sluice.litellm;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import sluice.openai.ModelGlob;
import sluice.price.Item;
import sluice.price.Prices;

/** The models that OpenAI serves: by family, so that new ones are among them, and those of the price list by name. */
final class OpenAiModels {
    /** Patterns that together match every model of OpenAI's. */
    static final List<String> FAMILIES = List.of("gpt-*", "chatgpt-*", "chat-*", "o1*", "o3*", "o4*", "ft:*",
            "text-embedding-*", "omni-moderation*", "text-moderation-*", "whisper-*", "tts-*", "dall-e-*", "sora-*",
            "computer-use-*", "codex-*", "daybreak-*", "babbage-*", "davinci-*");

    private static final List<ModelGlob> GLOBS = FAMILIES.stream().map(ModelGlob::new).toList();

    private final Prices prices = Prices.listed();

    /** Whether a name belongs to one of the families. */
    static boolean inFamily(String model) {
        return ModelGlob.anyMatches(GLOBS, model);
    }

    /** Whether the price list has a model, or the one that it is a version of. */
    boolean isListed(String model) {
        return prices.has(model);
    }

    /** What a model costs by default, in dollars; empty if it is not listed. */
    Map<Item, BigDecimal> dollars(String model) {
        return prices.dollars(model);
    }

    /** The listed models that a pattern matches, except some. */
    List<String> listed(String pattern, Collection<String> except) {
        ModelGlob glob = new ModelGlob(pattern);
        return prices.models().stream().filter(model -> glob.matches(model) && !except.contains(model)).sorted()
                .toList();
    }
}
