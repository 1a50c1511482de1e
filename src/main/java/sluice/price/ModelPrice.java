package sluice.price;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;

/**
 * What a model costs in each service tier.
 *
 * @param tiers the prices by tier, and in each by the input tokens above which they hold
 * @param asOf  the date of the prices
 */
public record ModelPrice(Map<String, NavigableMap<Long, Rates>> tiers, LocalDate asOf) {
    /** The tier of a call that does not ask for another. */
    public static final String DEFAULT = "default";

    public ModelPrice {
        Map<String, NavigableMap<Long, Rates>> copy = new HashMap<>();
        tiers.forEach((tier, bands) -> copy.put(tier, new TreeMap<>(bands)));
        tiers = Map.copyOf(copy);
    }

    /** Prices in dollars by tier, that hold however much a call reads. */
    public static ModelPrice of(Map<String, Map<Item, BigDecimal>> tiers, LocalDate asOf) {
        Map<String, NavigableMap<Long, Rates>> bands = new HashMap<>();
        tiers.forEach((tier, dollars) -> bands.put(tier, new TreeMap<>(Map.of(0L, Rates.of(dollars)))));
        return new ModelPrice(bands, asOf);
    }

    /** In the default tier, for calls that read little. */
    Map<Item, BigDecimal> dollars() {
        NavigableMap<Long, Rates> bands = tiers.get(DEFAULT);
        return bands == null ? Map.of() : bands.firstEntry().getValue().dollars();
    }

    Cost cost(String tier, @Nullable Usage usage) {
        NavigableMap<Long, Rates> bands = tiers.get(tier);
        if (bands == null) {
            return Cost.UNPRICED;
        }
        Map.Entry<Long, Rates> band = bands.lowerEntry(usage == null ? 1 : Math.max(1, usage.input()));
        long picodollars = band == null ? -1 : band.getValue().cost(usage);
        return picodollars < 0 ? Cost.UNPRICED : new Cost.Priced(picodollars, asOf);
    }
}
