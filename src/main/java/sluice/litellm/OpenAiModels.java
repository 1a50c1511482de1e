package sluice.litellm;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

    private static final Pattern DATED = Pattern.compile(".*-\\d{2,4}");

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

    /**
     * Patterns for the models of a family, those to come and dated versions among them, but for some names. Where one of
     * these is in the way, a pattern ends at a later dash or dot, or names a model.
     */
    Set<String> without(String family, Collection<String> names) {
        if (isFree(family, names)) {
            return Set.of(family);
        }
        ModelGlob glob = new ModelGlob(family);
        Set<String> patterns = new LinkedHashSet<>();
        for (String model : prices.models().stream().filter(glob::matches).sorted().toList()) {
            Optional<String> open = beginnings(model).filter(each -> isFree(each, names)).findFirst();
            if (open.isPresent()) {
                patterns.add(open.get());
                continue;
            }
            if (!names.contains(model)) {
                patterns.add(model);
            }
            String dated = model + "-20*";
            if (!DATED.matcher(model).matches() && isFree(dated, names)) {
                patterns.add(dated);
            }
        }
        return ModelNames.fewest(patterns);
    }

    private static boolean isFree(String pattern, Collection<String> names) {
        return names.stream().noneMatch(new ModelGlob(pattern)::matches);
    }

    /** Patterns that a model matches, from the widest: each ends at a dash or a dot of its name. */
    private static Stream<String> beginnings(String model) {
        return IntStream.range(0, model.length()).filter(at -> model.charAt(at) == '-' || model.charAt(at) == '.')
                .mapToObj(at -> model.substring(0, at + 1) + "*");
    }
}
