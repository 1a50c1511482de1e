package sluice.price;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;

/**
 * The prices of one model in one service tier.
 *
 * <p>Tokens of audio and images that have no price of their own are priced as text, cached ones as those that are not,
 * and tokens written to the cache as plain input, as the upstream does for models whose table lacks these columns. An
 * answer of a model that draws is all image if it does not say how much of it is.
 */
public final class Rates {
    /** The highest accepted price, in dollars. */
    public static final int DEAREST = 1_000_000;

    private static final long UNPRICED = -1;
    private static final BigInteger MINUTE = BigInteger.valueOf(60_000);
    private static final BigInteger HALF_MINUTE = MINUTE.shiftRight(1);

    /** Picodollars for one of each item. */
    private final Map<Item, Long> picodollars;

    private Rates(Map<Item, Long> picodollars) {
        this.picodollars = picodollars;
    }

    /**
     * Takes prices in dollars, as printed.
     *
     * @throws IllegalArgumentException if one is below 0, above {@value #DEAREST} or finer than a picodollar for one
     */
    public static Rates of(Map<Item, BigDecimal> dollars) {
        Map<Item, Long> picodollars = new EnumMap<>(Item.class);
        dollars.forEach((item, price) -> picodollars.put(item, picodollars(item, price)));
        return new Rates(picodollars);
    }

    /** Takes prices of one of each item. */
    static Rates inPicodollars(Map<Item, Long> picodollars) {
        return new Rates(picodollars);
    }

    private static long picodollars(Item item, BigDecimal dollars) {
        if (dollars.signum() < 0 || dollars.compareTo(BigDecimal.valueOf(DEAREST)) > 0 || dollars.scale() > 12) {
            throw new IllegalArgumentException(item.key() + ": " + dollars + " (expected: 0 to " + DEAREST + ")");
        }
        try {
            return dollars.multiply(BigDecimal.valueOf(Cost.PER_DOLLAR / item.per())).longValueExact();
        } catch (ArithmeticException tooFine) {
            throw new IllegalArgumentException(
                    item.key() + ": " + dollars + " (expected: at most six decimal places)", tooFine);
        }
    }

    /** These prices in dollars, as {@link #of} takes them. */
    Map<Item, BigDecimal> dollars() {
        Map<Item, BigDecimal> dollars = new EnumMap<>(Item.class);
        picodollars.forEach((item, one) -> dollars.put(item,
                Cost.dollars(BigDecimal.valueOf(one).multiply(BigDecimal.valueOf(item.per())))));
        return dollars;
    }

    /** The price of one of an item in picodollars; below 0 if it has none. */
    private long rate(Item item) {
        return picodollars.getOrDefault(item, UNPRICED);
    }

    private long rate(Item item, Item otherwise) {
        long own = rate(item);
        return own >= 0 ? own : rate(otherwise);
    }

    private long rate(Item item, Item then, Item otherwise) {
        long own = rate(item, then);
        return own >= 0 ? own : rate(otherwise);
    }

    /** What a usage costs in picodollars; below 0 if some of it has no price. */
    long cost(@Nullable Usage usage) {
        long request = Math.max(0, rate(Item.REQUEST));
        if (usage == null) {
            return rate(Item.REQUEST);
        }
        Usage.Details details = usage.details();
        Input input = Input.of(usage);
        long audio = Math.min(details.audioOutput(), usage.output());
        long image = drawn(usage, usage.output() - audio);
        Sum sum = new Sum(request);
        sum.add(input.text(), rate(Item.INPUT));
        sum.add(input.cachedText(), rate(Item.CACHED_INPUT, Item.INPUT));
        sum.add(input.written(), rate(Item.CACHE_WRITE, Item.INPUT));
        sum.add(input.audio(), rate(Item.AUDIO_INPUT, Item.INPUT));
        sum.add(input.cachedAudio(), rate(Item.CACHED_AUDIO_INPUT, Item.AUDIO_INPUT, Item.INPUT));
        sum.add(input.image(), rate(Item.IMAGE_INPUT, Item.INPUT));
        sum.add(input.cachedImage(), rate(Item.CACHED_IMAGE_INPUT, Item.IMAGE_INPUT, Item.INPUT));
        sum.add(audio, rate(Item.AUDIO_OUTPUT, Item.OUTPUT));
        sum.add(image, rate(Item.IMAGE_OUTPUT, Item.OUTPUT));
        sum.add(usage.output() - audio - image, rate(Item.OUTPUT));
        sum.add(details.characters(), rate(Item.CHARACTERS));
        sum.addMillis(details.audioMillis(), rate(Item.MINUTE));
        return sum.picodollars();
    }

    private long drawn(Usage usage, long most) {
        long told = usage.details().imageOutput();
        return told == 0 && rate(Item.IMAGE_OUTPUT) >= 0 ? most : Math.min(told, most);
    }

    /** The input tokens by what they are; each counts once, however the upstream's numbers overlap. */
    private record Input(long text, long cachedText, long written, long audio, long cachedAudio, long image,
            long cachedImage) {

        static Input of(Usage usage) {
            Usage.Details told = usage.details();
            long audio = Math.min(told.audioInput(), usage.input());
            long image = Math.min(told.imageInput(), usage.input() - audio);
            long text = usage.input() - audio - image;
            long cachedAudio = Math.min(told.cachedAudio(), audio);
            long cachedImage = Math.min(told.cachedImage(), image);
            long cachedText = Math.clamp(usage.cached() - cachedAudio - cachedImage, 0, text);
            long written = Math.min(told.cacheWrites(), text - cachedText);
            return new Input(text - cachedText - written, cachedText, written, audio - cachedAudio, cachedAudio,
                    image - cachedImage, cachedImage);
        }
    }

    /** Adds up picodollars; a sum too large for a long stays at the largest there is. */
    private static final class Sum {
        private long sum;
        private boolean unpriced;

        Sum(long sum) {
            this.sum = sum;
        }

        void add(long amount, long rate) {
            unpriced |= amount > 0 && rate < 0;
            if (amount > 0 && rate > 0) {
                long product = amount * rate;
                add(Math.multiplyHigh(amount, rate) == 0 && product >= 0 ? product : Long.MAX_VALUE);
            }
        }

        /** Rounds to the nearest picodollar. */
        void addMillis(long millis, long perMinute) {
            unpriced |= millis > 0 && perMinute < 0;
            if (millis > 0 && perMinute > 0) {
                add(BigInteger.valueOf(millis).multiply(BigInteger.valueOf(perMinute)).add(HALF_MINUTE)
                        .divide(MINUTE).min(BigInteger.valueOf(Long.MAX_VALUE)).longValue());
            }
        }

        private void add(long more) {
            sum = sum + more < 0 ? Long.MAX_VALUE : sum + more;
        }

        long picodollars() {
            return unpriced ? UNPRICED : sum;
        }
    }
}
