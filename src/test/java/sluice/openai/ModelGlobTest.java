package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelGlobTest {

    @ParameterizedTest
    @CsvSource({"gpt-4o, gpt-4o, true", "gpt-4o, gpt-4o-mini, false", "gpt-4o, GPT-4O, false", "gpt-4o*, gpt-4o, true",
            "gpt-4o*, gpt-4o-mini, true", "gpt-4o*, ft:gpt-4o, false", "*, '', true", "*, x, true", "'', '', true",
            "'', x, false",
            "*mini, gpt-4o-mini, true", "*mini, gpt-4o-mini-2024, false", "gpt-*-mini, gpt-4o-mini, true",
            "gpt-*-mini, gpt-mini, false", "**, x, true", "a*b*c, aXbXbc, true", "a*b*c, aXbXbcX, false",
            "gpt.4, gpt-4, false",
            "ft:gpt-4o-mini:acme::*, ft:gpt-4o-mini:acme::abc, true"})
    void starStandsForAnyRunAndAllElseForItself(String pattern, String model, boolean matches) {
        assertThat(new ModelGlob(pattern).matches(model)).isEqualTo(matches);
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars("ab.*").ofMaxLength(8);
    }

    @Provide
    Arbitrary<String> models() {
        return Arbitraries.strings().withChars("ab.*").ofMaxLength(10);
    }

    @Property(tries = 5000)
    void matchesWhatTheSameRegexMatches(@ForAll("patterns") String pattern, @ForAll("models") String model) {
        String regex = Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        assertThat(new ModelGlob(pattern).matches(model)).isEqualTo(Pattern.matches(regex, model));
    }

    @Test
    void manyStarsAreNoTrap() {
        String model = "a".repeat(2000);
        assertThat(new ModelGlob("*a".repeat(500) + "b").matches(model)).isFalse();
    }

    @Test
    void anyOfSeveralMayMatch() {
        List<ModelGlob> globs = List.of(new ModelGlob("a*"), new ModelGlob("b"));
        assertThat(ModelGlob.anyMatches(globs, "b")).isTrue();
        assertThat(ModelGlob.anyMatches(globs, "bb")).isFalse();
        assertThat(ModelGlob.anyMatches(List.of(), "b")).isFalse();
    }

    @Test
    void onlyAPatternWithoutStarIsLiteral() {
        assertThat(new ModelGlob("gpt-4o").isLiteral()).isTrue();
        assertThat(new ModelGlob("gpt-4o*").isLiteral()).isFalse();
        assertThat(new ModelGlob("gpt-4o*")).hasToString("gpt-4o*");
    }
}
