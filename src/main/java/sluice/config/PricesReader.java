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

/** Reads {@code prices}, which add to the list of prices or replace some of it. */
final class PricesReader {
    private static final List<String> TIERS = List.of("flex", "priority", "batch", "ultrafast");

    private PricesReader() {}

    static List<PriceEntry> read(Section section) {
        List<PriceEntry> prices = new ArrayList<>();
        section.named().forEach((name, model) -> {
            if (name.isEmpty() || !ModelName.fits(name)) {
                model.refuse("the name of this model", "1 to " + ModelName.LONGEST + " printable characters");
            }
            Map<String, Map<Item, BigDecimal>> tiers = new LinkedHashMap<>();
            tiers.put(ModelPrice.DEFAULT, dollars(model));
            if (model.hasNothingBut("tiers")) {
                model.refuse("no price", "any of " + String.join(", ", Item.keys()));
            }
            model.section("tiers").named().forEach((tier, own) -> {
                if (!TIERS.contains(tier)) {
                    own.refuse("this tier", "one of " + String.join(", ", TIERS));
                }
                tiers.put(tier, dollars(own));
            });
            prices.add(new PriceEntry(name, tiers));
        });
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
