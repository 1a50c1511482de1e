package sluice.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyDigestTest {
    /** SHA-256 of "abc", from FIPS 180-2. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void isTheSha256OfTheKey() {
        assertThat(KeyDigest.of("abc").hex()).isEqualTo(ABC);
        assertThat(KeyDigest.of("abc").id()).isEqualTo("ba7816bf8f01");
        assertThat(KeyDigest.of("abc")).hasToString("ba7816bf8f01");
    }

    @Test
    void comesBackFromItsHexadecimalForm() {
        assertThat(KeyDigest.fromHex(ABC)).isEqualTo(KeyDigest.of("abc")).hasSameHashCodeAs(KeyDigest.of("abc"));
        assertThat(KeyDigest.fromHex(ABC.toUpperCase(Locale.ROOT)).hex()).isEqualTo(ABC);
    }

    @Test
    void anotherKeyHasAnotherDigest() {
        assertThat(KeyDigest.of("abc")).isNotEqualTo(KeyDigest.of("abd")).isNotEqualTo(KeyDigest.of("abc "))
                .isNotEqualTo(ABC);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ba78", "xa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adaa"})
    void anythingButSixtyFourDigitsIsRefused(String hex) {
        assertThatThrownBy(() -> KeyDigest.fromHex(hex)).isInstanceOf(IllegalArgumentException.class);
    }
}
