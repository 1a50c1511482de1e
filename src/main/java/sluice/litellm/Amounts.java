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

    /** A field's number. One that the file leaves to a variable is noted, since ours takes numbers only as they are. */
    static Optional<BigDecimal> known(String field, String whose, Fields fields, Notes notes) {
        Optional<BigDecimal> number = fields.number(field);
        if (number.isEmpty() && fields.says(field)) {
            notes.add(Notes.Kind.TO_DO, "set these by hand, since LiteLLM's file does not hold the number", whose,
                    field + " " + fields.text(field));
        }
        return number;
    }

    static String duration(BigDecimal seconds) {
        return isWhole(seconds)
                ? seconds.longValue() + "s"
                : seconds.multiply(THOUSAND).longValue() + "ms";
    }

    private static boolean isWhole(BigDecimal number) {
        return number.stripTrailingZeros().scale() <= 0;
    }
}
