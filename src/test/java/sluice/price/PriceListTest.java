package sluice.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the list in the jar is read. */
class PriceListTest {
    @ParameterizedTest
    @CsvSource({"5, 1000000, 5000000", "0.4, 1000000, 400000", "0.63, 1000000, 630000", "10.50, 1000000, 10500000",
            "0.000001, 1000000, 1", "0.006, 1, 6000000000", "0.000000000001, 1, 1", "1000000, 1, 1000000000000000000"})
    void printedPriceIsExact(String dollars, int per, long picodollars) {
        assertThat(PriceList.picodollars(dollars, per)).isEqualTo(picodollars);
    }

    @Test
    void priceFinerThanAPicodollarIsRefused() {
        assertThatThrownBy(() -> PriceList.picodollars("0.0000001", 1_000_000))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("0.0000001");
    }
}
