package sluice.price;

import java.math.BigDecimal;
import java.time.LocalDate;

/** What a model call cost. */
public sealed interface Cost {
    /** Picodollars in a dollar. */
    long PER_DOLLAR = 1_000_000_000_000L;

    /** An amount in dollars, exact and without needless zeros. */
    static BigDecimal dollars(long picodollars) {
        return dollars(BigDecimal.valueOf(picodollars));
    }

    /** Of an amount that may be larger than any of a call. */
    static BigDecimal dollars(BigDecimal picodollars) {
        BigDecimal exact = picodollars.movePointLeft(12).stripTrailingZeros();
        // Ten is 10, not 1E+1.
        return exact.scale() < 0 ? exact.setScale(0) : exact;
    }

    /** No model ran. */
    Cost NOTHING = new Nothing();
    /** No price is known for what was used. */
    Cost UNPRICED = new Unpriced();

    /** In picodollars, at least 0; 0 if it is not known. */
    long picodollars();

    /** {@link #NOTHING}. */
    record Nothing() implements Cost {

        @Override
        public long picodollars() {
            return 0;
        }
    }

    /** {@link #UNPRICED}. */
    record Unpriced() implements Cost {

        @Override
        public long picodollars() {
            return 0;
        }
    }

    /**
     * A sum.
     *
     * @param asOf the date of the price
     */
    record Priced(long picodollars, LocalDate asOf) implements Cost {}
}
