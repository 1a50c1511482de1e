package sluice.simulator.schema;

import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;

/** A number that fits a schema: a small multiple of its step, or else the middle of its range. */
final class ExampleNumber {

    private ExampleNumber() {}

    static Number of(JsonObject schema, boolean whole, int index) {
        Optional<BigDecimal> step = number(schema, "multipleOf").filter(each -> each.signum() > 0)
                .or(() -> whole ? Optional.of(BigDecimal.ONE) : Optional.empty());
        Range range = Range.of(schema);
        BigDecimal unit = step.orElse(BigDecimal.ONE);
        BigDecimal grid = range.onGrid(unit, BigDecimal.valueOf(1L + index));
        BigDecimal chosen = range.holds(grid) || step.isPresent() ? grid : range.middle();
        BigDecimal plain = chosen.stripTrailingZeros();
        return plain.scale() <= 0 ? plain.toBigInteger() : plain;
    }

    private static Optional<BigDecimal> number(JsonObject schema, String name) {
        return schema.getValue(name) instanceof Number number
                ? Optional.of(new BigDecimal(number.toString()))
                : Optional.empty();
    }

    /** Two optional bounds, each of which may lie outside of the range itself. */
    private record Range(Optional<BigDecimal> least, Optional<BigDecimal> above, Optional<BigDecimal> most,
            Optional<BigDecimal> below) {

        static Range of(JsonObject schema) {
            return new Range(number(schema, "minimum"), number(schema, "exclusiveMinimum"), number(schema, "maximum"),
                    number(schema, "exclusiveMaximum"));
        }

        boolean holds(BigDecimal value) {
            return least.stream().allMatch(bound -> value.compareTo(bound) >= 0)
                    && above.stream().allMatch(bound -> value.compareTo(bound) > 0)
                    && most.stream().allMatch(bound -> value.compareTo(bound) <= 0)
                    && below.stream().allMatch(bound -> value.compareTo(bound) < 0);
        }

        /** The multiple of a step that is next to the wish and within the range, if there is one. */
        BigDecimal onGrid(BigDecimal step, BigDecimal wish) {
            BigDecimal value = multiple(wish, step, RoundingMode.CEILING);
            for (BigDecimal bound : least.stream().toList()) {
                value = value.max(multiple(bound, step, RoundingMode.CEILING));
            }
            for (BigDecimal bound : above.stream().toList()) {
                value = value.max(multiple(bound, step, RoundingMode.FLOOR).add(step));
            }
            for (BigDecimal bound : most.stream().toList()) {
                value = value.min(multiple(bound, step, RoundingMode.FLOOR));
            }
            for (BigDecimal bound : below.stream().toList()) {
                value = value.min(multiple(bound, step, RoundingMode.CEILING).subtract(step));
            }
            return value;
        }

        private static BigDecimal multiple(BigDecimal value, BigDecimal step, RoundingMode rounding) {
            return value.divide(step, 0, rounding).multiply(step);
        }

        BigDecimal middle() {
            BigDecimal low = least.or(() -> above).orElse(BigDecimal.ZERO);
            BigDecimal high = most.or(() -> below).orElse(low);
            return low.add(high).divide(BigDecimal.TWO);
        }
    }
}
