package sluice.calls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"plain|plain", "a,b|\"a,b\"",
            "say \"a\"|\"say \"\"a\"\"\"",
            "=1+1|'=1+1", "+1|'+1", "-1|'-1", "@SUM(A1)|'@SUM(A1)", "=a,b|\"'=a,b\"", "a=b|a=b", "` pad `|`\" pad \"`"})
    void fieldIsNeverAFormulaAndAlwaysOneField(String field, String written) {
        Csv csv = new Csv();
        csv.line(List.of(field, "1"));
        assertThat(csv.text()).isEqualTo(written + ",1\r\n");
    }
}
