package sluice.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.openai.Usage;

class PricesTest {
    private static final LocalDate DAY = LocalDate.parse("2026-11-29");
    private static final Prices LISTED = Prices.listed();
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    private static BigDecimal dollars(Cost cost) {
        assertThat(cost).isInstanceOf(Cost.Priced.class);
        return BigDecimal.valueOf(cost.picodollars(), 12);
    }

    private static Cost text(String model, String tier) {
        return LISTED.cost(model, tier, new Usage(1_000_000, 0, 0));
    }

    @Test
    void whatAModelCostsIsToldInDollars() {
        assertThat(LISTED.dollars("gpt-4o-2024-11-20")).isEqualTo(Map.of(Item.INPUT, new BigDecimal("2.5"),
                Item.CACHED_INPUT, new BigDecimal("1.25"), Item.OUTPUT, BigDecimal.TEN));
        assertThat(LISTED.dollars("gpt-live-1")).isEqualTo(Map.of(Item.MINUTE, new BigDecimal("0.05")));
        assertThat(LISTED.dollars("nobody's")).isEmpty();
        assertThat(LISTED.models()).contains("gpt-4o").doesNotContain("gpt-4o-2024-11-20");
    }

    /** The numbers stand in the test's own table, written down from the model pages, not taken from the list. */
    @ParameterizedTest
    @CsvFileSource(resources = "/sluice/price/published.csv", numLinesToSkip = 1)
    void millionOfEachCostsWhatIsPublished(String model, @Nullable String named, BigDecimal input,
            @Nullable BigDecimal cached,
            @Nullable BigDecimal output) {
        String tier = named == null ? "" : named;
        assertThat(dollars(LISTED.cost(model, tier, new Usage(100_000, 0, 0))).multiply(BigDecimal.TEN))
                .isEqualByComparingTo(input);
        assertThat(dollars(LISTED.cost(model, tier, new Usage(100_000, 0, 100_000))).multiply(BigDecimal.TEN))
                .isEqualByComparingTo(cached == null ? input : cached);
        if (output != null) {
            assertThat(dollars(LISTED.cost(model, tier, new Usage(0, 1_000_000, 0)))).isEqualByComparingTo(output);
        }
    }

    @ParameterizedTest
    @CsvSource({"gpt-4o-2024-08-06, 2.5", "gpt-4o-2024-05-13, 5", "gpt-4o-mini-2024-07-18, 0.15", "gpt-4-0613, 30",
            "gpt-3.5-turbo-0125, 0.5", "gpt-3.5-turbo-1106, 1", "gpt-4-1106-preview, 10",
            "text-embedding-ada-002-v2, 0.1", "ft:gpt-4o-mini-2024-07-18:acme:name:AbC1, 0.3",
            "ft:gpt-4o:acme::1, 3.75"})
    void snapshotHasItsOwnPriceOrThatOfItsFamily(String model, BigDecimal price) {
        assertThat(dollars(text(model, ""))).isEqualByComparingTo(price);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o-", "gpt-4o-x", "gpt-4o-24", "gpt-4o-mini-nano", "gpt", "", "xgpt-4o",
            "gpt-4o-2024-08-066", "ft:nobody:acme::1", "ft:", "-2024-08-06", "GPT-4O", "gpt-4o-24-08-2006", "dall-e-3"})
    void noOtherNameStandsForAModel(String model) {
        assertThat(text(model, "")).isEqualTo(Cost.UNPRICED);
    }

    @Test
    void tierIsThatOfTheAnswer() {
        assertThat(List.of("", "auto", "default", "flex", "priority", "fast", "batch")).extracting(
                tier -> dollars(text("gpt-5", tier)).stripTrailingZeros().toPlainString())
                .containsExactly("1.25", "1.25", "1.25", "0.625", "2.5", "2.5", "0.625");
        assertThat(text("gpt-5", "scale")).isEqualTo(Cost.UNPRICED);
        assertThat(text("gpt-4o", "flex")).isEqualTo(Cost.UNPRICED);
    }

    @Test
    void longPromptsCostMoreAsAWhole() {
        assertThat(dollars(LISTED.cost("gpt-5.4", "", new Usage(272_000, 10, 0)))).isEqualByComparingTo("0.680150");
        assertThat(dollars(LISTED.cost("gpt-5.4", "", new Usage(272_001, 10, 0)))).isEqualByComparingTo("1.360230");
    }

    @Test
    void eachKindOfTokenHasItsPrice() {
        // Text 300 of which 250 are cached, audio 600 and 200, images 100 and 50; out 50 of text and 250 of audio.
        Usage talk = new Usage(1000, 300, 500, new Usage.Details(0, 600, 100, 200, 50, 250, 0, 0, 0));
        assertThat(dollars(LISTED.cost("gpt-realtime", "", talk))).isEqualByComparingTo("0.030255");
        Usage picture = new Usage(500, 1000, 0, new Usage.Details(0, 0, 400, 0, 0, 0, 900, 0, 0));
        assertThat(dollars(LISTED.cost("gpt-image-1.5", "", picture))).isEqualByComparingTo("0.0335");
        assertThat(dollars(LISTED.cost("gpt-image-1.5", "", new Usage(500, 1000, 0)))).isEqualByComparingTo("0.0345");
        Usage written = new Usage(10_000, 0, 4000, new Usage.Details(5000, 0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(dollars(LISTED.cost("gpt-6.1-sol", "", written))).isEqualByComparingTo("0.0149");
        Usage minutes = new Usage(0, 0, 0, new Usage.Details(0, 0, 0, 0, 0, 0, 0, 90_000, 0));
        assertThat(dollars(LISTED.cost("whisper-1", "", minutes))).isEqualByComparingTo("0.009");
        assertThat(dollars(LISTED.cost("tts-1", "", Usage.ofCharacters(2000)))).isEqualByComparingTo("0.03");
    }

    @Test
    void whatHasNoPriceIsFlaggedAndCostsNothing() {
        assertThat(LISTED.cost("tts-1", "", new Usage(5, 0, 0))).isEqualTo(Cost.UNPRICED);
        assertThat(LISTED.cost("gpt-4o-mini-tts", "", Usage.ofCharacters(5))).isEqualTo(Cost.UNPRICED);
        assertThat(LISTED.cost("gpt-5", "", null)).isEqualTo(Cost.UNPRICED);
        assertThat(Cost.UNPRICED.picodollars()).isZero();
        assertThat(LISTED.cost("omni-moderation-latest", "", null)).isEqualTo(new Cost.Priced(0, DAY));
    }

    @Test
    void ownPriceReplacesTheListedOne() {
        LocalDate own = LocalDate.parse("2027-01-01");
        Prices prices = LISTED.with(Map.of("gpt-4o", ModelPrice.of(
                Map.of("default", Map.of(Item.INPUT, BigDecimal.ONE, Item.REQUEST, new BigDecimal("0.01"))), own)));
        assertThat(prices.cost("gpt-4o-2024-08-06", "", new Usage(1_000_000, 0, 0)))
                .isEqualTo(new Cost.Priced(1_010_000_000_000L, own));
        assertThat(prices.cost("gpt-4o", "priority", new Usage(1, 0, 0))).isEqualTo(Cost.UNPRICED);
        assertThat(prices.cost("gpt-4o", "", new Usage(0, 1, 0))).isEqualTo(Cost.UNPRICED);
        assertThat(prices.cost("gpt-4o-mini", "", new Usage(1, 0, 0))).isEqualTo(new Cost.Priced(150_000, DAY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1000000.1", "0.0000001", "1e-13"})
    void priceThatCannotBeCountedIsRefused(BigDecimal price) {
        assertThatThrownBy(() -> Rates.of(Map.of(Item.INPUT, price))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input");
    }

    @Provide
    static Arbitrary<Map<Item, BigDecimal>> rates() {
        return Arbitraries.bigDecimals().between(BigDecimal.ZERO, BigDecimal.valueOf(600)).ofScale(6).list()
                .ofSize(Item.values().length).map(prices -> {
                    Map<Item, BigDecimal> dollars = new EnumMap<>(Item.class);
                    Iterator<BigDecimal> next = prices.iterator();
                    for (Item item : Item.values()) {
                        dollars.put(item, next.next());
                    }
                    return dollars;
                });
    }

    /** Parts that fit together, and so have one meaning. */
    @Provide
    static Arbitrary<Usage> usages() {
        return Arbitraries.longs().between(0, 3_000_000).list().ofSize(12).map(n -> {
            long audio = n.get(1) + n.get(2);
            long image = n.get(3) + n.get(4);
            return new Usage(n.get(0) + audio + image + n.get(5) + n.get(6), n.get(7) + n.get(8) + n.get(9) + 1,
                    n.get(2) + n.get(4) + n.get(5), new Usage.Details(n.get(6), audio, image, n.get(2), n.get(4),
                            n.get(8), n.get(9) + 1, 0, n.get(10)));
        });
    }

    private static BigDecimal expected(Map<Item, BigDecimal> dollars, Usage usage) {
        Usage.Details told = usage.details();
        long cachedText = usage.cached() - told.cachedAudio() - told.cachedImage();
        BigDecimal sum = price(dollars, Item.REQUEST);
        sum = sum.add(of(dollars, Item.INPUT, usage.input() - told.audioInput() - told.imageInput() - cachedText
                - told.cacheWrites()));
        sum = sum.add(of(dollars, Item.CACHED_INPUT, cachedText));
        sum = sum.add(of(dollars, Item.CACHE_WRITE, told.cacheWrites()));
        sum = sum.add(of(dollars, Item.AUDIO_INPUT, told.audioInput() - told.cachedAudio()));
        sum = sum.add(of(dollars, Item.CACHED_AUDIO_INPUT, told.cachedAudio()));
        sum = sum.add(of(dollars, Item.IMAGE_INPUT, told.imageInput() - told.cachedImage()));
        sum = sum.add(of(dollars, Item.CACHED_IMAGE_INPUT, told.cachedImage()));
        sum = sum.add(of(dollars, Item.AUDIO_OUTPUT, told.audioOutput()));
        sum = sum.add(of(dollars, Item.IMAGE_OUTPUT, told.imageOutput()));
        sum = sum.add(of(dollars, Item.OUTPUT, usage.output() - told.audioOutput() - told.imageOutput()));
        return sum.add(of(dollars, Item.CHARACTERS, told.characters()));
    }

    private static BigDecimal of(Map<Item, BigDecimal> dollars, Item item, long amount) {
        return price(dollars, item).multiply(BigDecimal.valueOf(amount)).divide(MILLION);
    }

    private static BigDecimal price(Map<Item, BigDecimal> dollars, Item item) {
        return Objects.requireNonNull(dollars.get(item));
    }

    private static Prices only(Map<Item, BigDecimal> dollars) {
        return Prices.of(Map.of("m", ModelPrice.of(Map.of("default", dollars), DAY)));
    }

    @Property
    void sumIsExact(@ForAll("rates") Map<Item, BigDecimal> dollars, @ForAll("usages") Usage usage) {
        assertThat(dollars(only(dollars).cost("m", "", usage))).isEqualByComparingTo(expected(dollars, usage));
    }

    @Property
    void costOfTwoCallsIsThatOfBothTogether(@ForAll("rates") Map<Item, BigDecimal> dollars,
            @ForAll("usages") Usage one, @ForAll("usages") Usage other) {
        dollars.put(Item.REQUEST, BigDecimal.ZERO);
        Prices prices = only(dollars);
        assertThat(prices.cost("m", "", one).picodollars() + prices.cost("m", "", other).picodollars())
                .isEqualTo(prices.cost("m", "", one.plus(other)).picodollars());
    }

    @Property
    void minutesAreRoundedToThePicodollar(@ForAll @LongRange(min = 0, max = 100_000_000) long millis,
            @ForAll @LongRange(min = 0, max = 5_000_000) long perMinute) {
        BigDecimal price = BigDecimal.valueOf(perMinute, 6);
        Usage usage = new Usage(0, 0, 0, new Usage.Details(0, 0, 0, 0, 0, 0, 0, millis, 0));
        assertThat(dollars(only(Map.of(Item.MINUTE, price)).cost("m", "", usage))).isEqualByComparingTo(
                price.multiply(BigDecimal.valueOf(millis)).divide(BigDecimal.valueOf(60_000), 12,
                        RoundingMode.HALF_UP));
    }

    /** The upstream's numbers may overlap in ways that make no sense, or be too large for any sum. */
    @Property
    void nothingTheUpstreamReportsMakesACostThatIsNone(@ForAll("anything") Usage usage,
            @ForAll("rates") Map<Item, BigDecimal> dollars) {
        assertThat(only(dollars).cost("m", "", usage).picodollars()).isNotNegative();
    }

    @Provide
    static Arbitrary<Usage> anything() {
        Arbitrary<Long> number = Arbitraries.longs().between(0, Long.MAX_VALUE);
        return Combinators.combine(number, number, number, number.list().ofSize(9))
                .as((input, output, cached, n) -> new Usage(input, output, cached,
                        new Usage.Details(n.get(0), n.get(1), n.get(2), n.get(3), n.get(4),
                                n.get(5), n.get(6), n.get(7), n.get(8))));
    }
}
