package sluice.config;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.config.GatewayConfig.PriceEntry;
import sluice.openai.ModelName;
import sluice.price.Item;
import sluice.price.ModelPrice;
import sluice.price.Rates;
import sluice.yaml.Parser;
import sluice.yaml.Quantities;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code prices}, which add to the list of prices or replace some of it. */
final class PricesReader {
    private static final Parser<BigDecimal> DOLLARS = Quantities.sum(Rates.DEAREST,
            "US dollars from 0 to " + Rates.DEAREST + " with at most six decimals, such as 1.25");
    private static final List<String> TIERS = List.of("flex", "priority", "batch", "ultrafast");

    private PricesReader() {}

    static List<PriceEntry> read(Section section) {
        return section.named("the name of this model", PricesReader::name, PricesReader::tiers).entrySet().stream()
                .map(model -> new PriceEntry(model.getKey(), model.getValue())).toList();
    }

    private static Map<String, Map<Item, BigDecimal>> tiers(Section model) {
        Map<String, Map<Item, BigDecimal>> tiers = new LinkedHashMap<>();
        tiers.put(ModelPrice.DEFAULT, dollars(model));
        model.refuseIfEmpty("no price", String.join(", ", Item.keys()), "tiers");
        tiers.putAll(model.section("tiers").named("this tier", Values.oneOf("one of ", TIERS), PricesReader::dollars));
        return tiers;
    }

    private static String name(String text) throws Unacceptable {
        if (text.isEmpty() || !ModelName.fits(text)) {
            throw new Unacceptable("1 to " + ModelName.LONGEST + " printable characters");
        }
        return text;
    }

    private static Map<Item, BigDecimal> dollars(Section section) {
        Map<Item, BigDecimal> dollars = new LinkedHashMap<>();
        for (Item item : Item.values()) {
            section.value(item.key(), DOLLARS).ifPresent(price -> dollars.put(item, price));
        }
        return dollars;
    }
}
