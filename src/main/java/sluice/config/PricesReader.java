package sluice.config;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.config.GatewayConfig.PriceEntry;
import sluice.openai.ModelName;
import sluice.price.Item;
import sluice.price.ModelPrice;

/** Reads {@code prices}: the prices of models that the list lacks, or has otherwise. */
final class PricesReader {
    private static final List<String> TIERS = List.of("flex", "priority", "batch", "ultrafast");

    private PricesReader() {}

    static List<PriceEntry> read(Section section) {
        List<PriceEntry> prices = new ArrayList<>();
        for (Map.Entry<String, Entry> named : section.named()) {
            Section model = named.getValue().section();
            if (named.getKey().isEmpty() || !ModelName.fits(named.getKey())) {
                model.refuse("the name of this model", "1 to " + ModelName.LONGEST + " printable characters");
            } else if (model.isEmpty()) {
                model.refuse("no price", "any of " + String.join(", ", Item.keys()));
            }
            Map<String, Map<Item, BigDecimal>> tiers = new LinkedHashMap<>();
            tiers.put(ModelPrice.DEFAULT, dollars(model));
            for (Map.Entry<String, Entry> tier : model.section("tiers").named()) {
                Section own = tier.getValue().section();
                if (!TIERS.contains(tier.getKey())) {
                    own.refuse("this tier", "one of " + String.join(", ", TIERS));
                }
                tiers.put(tier.getKey(), dollars(own));
            }
            prices.add(new PriceEntry(named.getKey(), tiers));
        }
        return prices;
    }

    private static Map<Item, BigDecimal> dollars(Section section) {
        Map<Item, BigDecimal> dollars = new LinkedHashMap<>();
        for (Item item : Item.values()) {
            section.value(item.key(), Values.dollars()).ifPresent(price -> dollars.put(item, price));
        }
        return dollars;
    }
}
