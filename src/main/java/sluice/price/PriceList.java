package sluice.price;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/** Reads the list of prices in the jar: a date, then a line for each model and service tier. */
final class PriceList {
    private static final String FILE = "/sluice/price/openai.txt";
    private static final String DATE = "as-of ";

    private PriceList() {}

    static Map<String, ModelPrice> read() {
        try (InputStream file = Objects.requireNonNull(PriceList.class.getResourceAsStream(FILE), FILE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
            return read(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, ModelPrice> read(BufferedReader lines) throws IOException {
        LocalDate asOf = LocalDate.MIN;
        Map<String, Map<String, NavigableMap<Long, Rates>>> models = new LinkedHashMap<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(DATE)) {
                asOf = LocalDate.parse(line.substring(DATE.length()));
            } else if (!line.startsWith("#")) {
                String[] words = line.split(" +", -1);
                String[] tier = words[1].split(">", 2);
                long above = tier.length == 1 ? 0 : Long.parseLong(tier[1]);
                models.computeIfAbsent(words[0], fresh -> new HashMap<>())
                        .computeIfAbsent(tier[0], fresh -> new TreeMap<>()).put(above, rates(words));
            }
        }
        LocalDate date = asOf;
        Map<String, ModelPrice> read = new HashMap<>();
        models.forEach((model, tiers) -> read.put(model, new ModelPrice(tiers, date)));
        return read;
    }

    private static Rates rates(String[] words) {
        Map<Item, BigDecimal> dollars = new EnumMap<>(Item.class);
        for (int i = 2; i < words.length; i++) {
            String[] price = words[i].split("=", 2);
            dollars.put(Objects.requireNonNull(Item.of(price[0]), price[0]), new BigDecimal(price[1]));
        }
        return Rates.of(dollars);
    }
}
