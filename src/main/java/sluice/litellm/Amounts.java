package sluice.litellm;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;

/** Numbers and times in the words of our configuration. */
final class Amounts {
    private static final BigDecimal THOUSAND = new BigDecimal(1000);
    private static final int DECIMALS_OF_DOLLARS = 6;

    private Amounts() {}

    /** A number that YAML writes without a tag. */
    static Object plain(BigDecimal number) {
        return isWhole(number)
                ? (Object) number.longValue()
                : new BigDecimal(number.stripTrailingZeros().toPlainString());
    }

    /** A field's number. What is none is noted: text, or a variable, since ours takes numbers only as they are. */
    static Optional<BigDecimal> known(String field, String whose, Fields fields, Notes notes) {
        return known(field, field, whose, fields, notes);
    }

    /** @param shown what notes call the field */
    static Optional<BigDecimal> known(String field, String shown, String whose, Fields fields, Notes notes) {
        Optional<BigDecimal> number = fields.number(field);
        if (number.isEmpty() && fields.says(field)) {
            notes.add(Notes.Kind.TO_DO, "set these by hand, since LiteLLM's file does not hold a number", whose,
                    shown + " " + fields.text(field));
        }
        return number;
    }

    /** A field's number as a whole one, rounded down, but not to 0; that it is another is noted. */
    static Optional<BigDecimal> whole(String field, String whose, Fields fields, Notes notes) {
        return known(field, whose, fields, notes).map(number -> rounded(number, 0, field, whose, notes));
    }

    /** A sum as fine as ours, rounded down, but not to 0; that it is another is noted. */
    static BigDecimal dollars(BigDecimal sum, String field, String whose, Notes notes) {
        return rounded(sum, DECIMALS_OF_DOLLARS, field, whose, notes);
    }

    /** @param decimals how many we keep */
    static BigDecimal rounded(BigDecimal number, int decimals, String field, String whose, Notes notes) {
        if (number.signum() <= 0 || number.stripTrailingZeros().scale() <= decimals) {
            return number;
        }
        BigDecimal rounded = number.setScale(decimals, RoundingMode.DOWN).max(BigDecimal.ONE.movePointLeft(decimals));
        notes.add(Notes.Kind.DROPPED, "limits are whole numbers, and budgets have at most " + DECIMALS_OF_DOLLARS
                + " decimals, so these are rounded", whose,
                field + " " + number.stripTrailingZeros().toPlainString() + " to " + rounded.toPlainString());
        return rounded;
    }

    /** A number or the highest that we take; that it is another is noted. */
    static BigDecimal capped(BigDecimal number, BigDecimal most, String field, String whose, Notes notes) {
        if (number.compareTo(most) > 0) {
            notes.add(Notes.Kind.DROPPED, "limits above the highest that can be set are the highest", whose,
                    field + " " + number.stripTrailingZeros().toPlainString() + " to " + most.toPlainString());
        }
        return number.min(most);
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
