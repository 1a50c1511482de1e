package sluice.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;

class InterpolationTest {
    private final Interpolation interpolation = new Interpolation(
            Map.of("HOST", "a.internal", "EMPTY", "", "SLY", "x: ${HOST}\ny: 1")::get);

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { //
            "plain                    | plain",
            "${HOST}                  | a.internal",
            "http://${HOST}:${P:80}/  | http://a.internal:80/",
            "<${NOT_SET:}>            | <>",
            "<${EMPTY:default}>       | <>",
            "${NOT_SET:a:b $c}        | a:b $c",
            "$${HOST}                 | ${HOST}",
            "$$${HOST}                | $${HOST}",
            "$HOST and $5             | $HOST and $5"})
    void putsInWhatIsSet(String raw, String expected) throws Unacceptable {
        assertThat(interpolation.resolve(raw).value()).isEqualTo(expected);
    }

    @Test
    void whatIsPutInIsNotLookedAtAgain() throws Unacceptable {
        assertThat(interpolation.resolve("${SLY}").value()).isEqualTo("x: ${HOST}\ny: 1");
    }

    @Test
    void messagesShowNeitherValuesNorDefaults() throws Unacceptable {
        assertThat(interpolation.resolve("<${HOST}${OTHER:hush}>").shown()).isEqualTo("<${HOST}${OTHER:…}>");
    }

    @ParameterizedTest
    @CsvSource({"${NOT_SET}", "${HOST", "${}", "${1X}", "${a-b}", "x ${"})
    void refusesTheRest(String raw) {
        assertThatExceptionOfType(Unacceptable.class).isThrownBy(() -> interpolation.resolve(raw));
    }

    @Test
    void allThatIsNotSetIsNamedAtOnce() {
        assertThatExceptionOfType(Unacceptable.class)
                .isThrownBy(() -> interpolation.resolve("redis://${REDIS}:${PORT}/${HOST}"))
                .satisfies(refused -> assertThat(refused.toString()).contains("REDIS and PORT").doesNotContain("HOST"));
    }

    /** As container images do it: the variable's value is in a file that a second variable names. */
    @Test
    void secretMayBeInTheFileThatAVariableNames() throws InvalidConfig {
        String yaml = """
                upstream: { accounts: [{ name: main, keys: ["${OPENAI_API_KEY}"] }] }
                admin: { token: "${SLUICE_ADMIN_TOKEN:}" }
                """;
        Map<String, String> files = Map.of("OPENAI_API_KEY_FILE", "src/test/resources/config/secrets/openai",
                "SLUICE_ADMIN_TOKEN_FILE", "src/test/resources/config/secrets/openai");

        GatewayConfig config = ConfigReader.parse(yaml, files::get);
        assertThat(config.accounts().getFirst().account().keys().getFirst().value())
                .isEqualTo("sk-from-a-mounted-file");
        assertThat(config.admin().token()).isPresent();
        assertThat(config.warnings()).noneMatch(warning -> warning.contains("plain text"));
    }

    @Test
    void variableThatIsSetComesBeforeItsFile() throws Unacceptable {
        Interpolation both = new Interpolation(Map.of("A", "value", "A_FILE", "/a", "B_FILE", "/b")::get);

        assertThat(both.resolveSecret("${A}").value()).isEqualTo("value");
        assertThat(both.resolveSecret("${B}").value()).isEqualTo("file:/b");
        assertThat(both.resolveSecret("${B:else}").value()).isEqualTo("file:/b");
        assertThat(both.resolveSecret("${C:else}").value()).isEqualTo("else");
        assertThatExceptionOfType(Unacceptable.class).isThrownBy(() -> both.resolveSecret("x${B}"));
        assertThatExceptionOfType(Unacceptable.class).isThrownBy(() -> both.resolve("${B}"));
    }

    @Test
    void valueOfAVariableCannotChangeTheFile() throws InvalidConfig {
        GatewayConfig config = ConfigReader.parse("""
                upstream:
                  accounts: [ { name: main, keys: ["${KEY}"] } ]
                """, Map.of("KEY", "\"],strict:false,keys:[\"k")::get);

        assertThat(config.accounts().getFirst().limits().strict()).isTrue();
        assertThat(config.accounts().getFirst().account().keys().getFirst().value())
                .isEqualTo("\"],strict:false,keys:[\"k");
    }
}
