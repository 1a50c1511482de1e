package sluice.litellm;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The prices that LiteLLM's file gives, and those of models that a server calls by another name. */
final class PriceTable {
    private static final BigDecimal MILLION = new BigDecimal(1_000_000);
    private static final int DECIMALS = 6;

    /** What LiteLLM calls a price, and what we call it. */
    private static final List<Words> WORDS = List.of(new Words("input_cost_per_token", "input"),
            new Words("cache_read_input_token_cost", "cached-input"),
            new Words("cache_creation_input_token_cost", "cache-write"), new Words("output_cost_per_token", "output"));

    private final OpenAiModels openAi;
    private final Notes notes;
    private final Map<String, Object> prices = new LinkedHashMap<>();

    PriceTable(List<Deployment> deployments, OpenAiModels openAi, Notes notes) {
        this.openAi = openAi;
        this.notes = notes;
        deployments.stream().filter(each -> !each.isWildcard()).forEach(this::add);
    }

    /** By model, as the configuration has them. */
    Map<String, Object> entries() {
        return prices;
    }

    /** Whether a model has a price, here or in our list. */
    boolean has(String model) {
        return prices.containsKey(model) || openAi.isListed(model);
    }

    private void add(Deployment deployment) {
        String model = deployment.model();
        Map<String, Object> given = new LinkedHashMap<>();
        for (Words words : WORDS) {
            Amounts.known(words.theirs(), model, deployment.information(), notes)
                    .ifPresent(perToken -> given.put(words.ours(),
                            Amounts.plain(perToken.multiply(MILLION).setScale(DECIMALS, RoundingMode.HALF_UP))));
        }
        String base = deployment.information().text("base_model").replaceFirst("^.*/", "");
        if (!given.isEmpty()) {
            prices.put(model, given);
        } else if (!has(model) && openAi.isListed(base)) {
            Map<String, Object> listed = new LinkedHashMap<>();
            openAi.dollars(base).forEach((item, dollars) -> listed.put(item.key(), Amounts.plain(dollars)));
            prices.put(model, listed);
            notes.add(Notes.Kind.TO_DO,
                    "compare these prices, which are OpenAI's for the base_model, with your contract",
                    model, base);
        }
    }
}
