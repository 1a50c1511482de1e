package sluice.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestWordTest {
    private static final List<String> KNOWN = List.of("rpm", "rpd", "ttl", "max-body", "max-held-bodies", "paid");

    @ParameterizedTest
    @CsvSource({"rmp,rpm", "tttl,ttl", "maxBody,max-body", "max_body,max-body", "max-bdy,max-body",
            "max-body-size,max-body",
            "max-held,max-held-bodies", "payed,paid", "RPD,rpd"})
    void isSuggested(String word, String meant) {
        assertThat(NearestWord.of(word, KNOWN)).contains(meant);
    }

    @Test
    void nothingIsSuggestedForWhatIsFarFromAll() {
        assertThat(NearestWord.of("colour", KNOWN)).isEmpty();
        assertThat(NearestWord.of("", KNOWN)).isEmpty();
    }
}
