package sluice.price;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.StringTokenizer;
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
                StringTokenizer words = new StringTokenizer(line, " ");
                String model = words.nextToken();
                String[] tier = words.nextToken().split(">", 2);
                long above = tier.length == 1 ? 0 : Long.parseLong(tier[1]);
                models.computeIfAbsent(model, fresh -> new HashMap<>())
                        .computeIfAbsent(tier[0], fresh -> new TreeMap<>()).put(above, rates(words));
            }
        }
        LocalDate date = asOf;
        Map<String, ModelPrice> read = new HashMap<>();
        models.forEach((model, tiers) -> read.put(model, new ModelPrice(tiers, date)));
        return read;
    }

    private static Rates rates(StringTokenizer words) {
        Map<Item, Long> picodollars = new EnumMap<>(Item.class);
        while (words.hasMoreTokens()) {
            String[] price = words.nextToken().split("=", 2);
            Item item = Objects.requireNonNull(Item.of(price[0]), price[0]);
            picodollars.put(item, picodollars(price[1], item.per()));
        }
        return Rates.inPicodollars(picodollars);
    }

    /**
     * A price as printed, in picodollars for one. Not by BigDecimal: loading that class takes longer than reading the
     * list, and each start of a gateway reads it.
     *
     * @throws IllegalArgumentException if it is finer than a picodollar for one
     */
    static long picodollars(String dollars, int per) {
        int point = dollars.indexOf('.');
        long last = Cost.PER_DOLLAR / per;
        if (point < 0) {
            return Math.multiplyExact(Long.parseLong(dollars), last);
        }
        for (int i = point + 1; i < dollars.length(); i++) {
            if (last % 10 != 0) {
                throw new IllegalArgumentException(dollars);
            }
            last /= 10;
        }
        String digits = dollars.substring(0, point) + dollars.substring(point + 1);
        return Math.multiplyExact(Long.parseLong(digits), last);
    }
}
