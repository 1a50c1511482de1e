package sluice.litellm;

import java.math.BigDecimal;
import java.util.Optional;

/** Numbers and times in the words of our configuration. */
final class Amounts {
    private static final BigDecimal THOUSAND = new BigDecimal(1000);

    private Amounts() {}

    /** A number that YAML writes without a tag. */
    static Object plain(BigDecimal number) {
        return isWhole(number)
                ? (Object) number.longValue()
                : new BigDecimal(number.stripTrailingZeros().toPlainString());
    }

    static String duration(BigDecimal seconds) {
        return isWhole(seconds)
                ? seconds.longValue() + "s"
                : seconds.multiply(THOUSAND).longValue() + "ms";
    }

    private static boolean isWhole(BigDecimal number) {
        return number.stripTrailingZeros().scale() <= 0;
    }

    /** The first of these fields that is a number. */
    static Optional<BigDecimal> first(String field, Fields... sections) {
        for (Fields section : sections) {
            Optional<BigDecimal> number = section.number(field);
            if (number.isPresent()) {
                return number;
            }
        }
        return Optional.empty();
    }
}
