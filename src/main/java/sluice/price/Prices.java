package sluice.price;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;

/**
 * The prices in effect: the configuration's own, and the upstream's list for everything else.
 *
 * <p>A snapshot such as {@code gpt-4o-2024-08-06} has a price of its own or that of its family, {@code gpt-4o}; so
 * has {@code gpt-3.5-turbo-instruct:20230824-v2}; a fine-tuned model has that of its base model's fine-tunes. No
 * other names are related.
 */
public final class Prices {
    private static final String FINE_TUNED = "ft:";
    /** The suffixes of snapshots: {@code -2024-08-06} and {@code -0613}, where 9 stands for any digit. */
    private static final String[] SNAPSHOTS = {"-9999-99-99", "-9999"};

    private final Map<String, ModelPrice> models;

    private Prices(Map<String, ModelPrice> models) {
        this.models = Map.copyOf(models);
    }

    /** Prices by the name of the model. */
    public static Prices of(Map<String, ModelPrice> models) {
        return new Prices(models);
    }

    /** The list that came with this version; read once. */
    public static Prices listed() {
        return Listed.PRICES;
    }

    private static final class Listed {
        static final Prices PRICES = new Prices(PriceList.read());
    }

    /** These prices, except for the models named. */
    public Prices with(Map<String, ModelPrice> overrides) {
        Map<String, ModelPrice> all = new HashMap<>(models);
        all.putAll(overrides);
        return new Prices(all);
    }

    /**
     * What a call cost.
     *
     * @param tier  as the answer names it; empty for the default
     * @param usage null if it is not known
     */
    public Cost cost(String model, String tier, @Nullable Usage usage) {
        ModelPrice price = of(model);
        return price == null ? Cost.UNPRICED : price.cost(tier(tier), usage);
    }

    /** Whether a model has any price. */
    public boolean has(String model) {
        return of(model) != null;
    }

    /** The names of all models that have a price of their own. */
    public Set<String> models() {
        return models.keySet();
    }

    /** What a model costs by default, in dollars as in tables; nothing if it has no price. */
    public Map<Item, BigDecimal> dollars(String model) {
        ModelPrice price = of(model);
        return price == null ? Map.of() : price.dollars();
    }

    /** What a call would cost at the dearest of all models, in picodollars. */
    public long dearest(@Nullable Usage usage) {
        long dearest = 0;
        for (ModelPrice price : models.values()) {
            dearest = Math.max(dearest, price.cost(ModelPrice.DEFAULT, usage).picodollars());
        }
        return dearest;
    }

    /** The price of a model, or null. */
    private @Nullable ModelPrice of(String model) {
        ModelPrice own = models.get(model);
        return own == null ? models.get(family(model)) : own;
    }

    private static String family(String model) {
        if (model.startsWith(FINE_TUNED)) {
            int end = model.indexOf(':', FINE_TUNED.length());
            return FINE_TUNED + family(model.substring(FINE_TUNED.length(), end < 0 ? model.length() : end));
        }
        int version = model.indexOf(':');
        if (version > 0) {
            return model.substring(0, version);
        }
        for (String suffix : SNAPSHOTS) {
            int base = model.length() - suffix.length();
            if (base > 0 && matches(model, base, suffix)) {
                return model.substring(0, base);
            }
        }
        return model;
    }

    private static boolean matches(String model, int from, String suffix) {
        for (int i = 0; i < suffix.length(); i++) {
            char c = model.charAt(from + i);
            if (suffix.charAt(i) == '9' ? c < '0' || c > '9' : c != suffix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Calls that ask for {@code fast} are served, and priced, as {@code priority}. */
    private static String tier(String named) {
        return switch (named) {
            case "", "auto" -> ModelPrice.DEFAULT;
            case "fast" -> "priority";
            default -> named;
        };
    }
}
