package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.tenancy.KeyDigest;

class SavedAnswersTest {
    private static final String PAGE = """
            {"keys": [%s], "total_count": %d, "current_page": %d, "total_pages": %d}
            """;

    static Stream<Arguments> otherThings() {
        return Stream.of(
                Arguments.of("""
                        {"error":{"message":"Authentication Error, Invalid proxy server token passed","code":"401"}}
                        """, "an error: Authentication Error, Invalid proxy server token passed"),
                Arguments.of("""
                        {"detail":{"error":"No db connected"}}
                        """, "an error: No db connected"),
                Arguments.of("""
                        {"detail":"Not Found"}
                        """, "an error: Not Found"),
                Arguments.of("<html>502</html>", "HTML"), Arguments.of(" \n", "nothing"),
                Arguments.of("curl: (7) Failed to connect", "something that is not JSON"),
                Arguments.of("true", "no list"), Arguments.of("""
                        {"status": "healthy"}
                        """, "an object with status"), Arguments.of("{}", "an empty object"),
                Arguments.of("[{}]", "a list, but not of"));
    }

    @ParameterizedTest
    @MethodSource("otherThings")
    void whatIsNoListOfTeamsIsRefused(String answer, String held) {
        assertThatThrownBy(() -> Moved.serving("gpt-4o").teams(answer).converted())
                .isInstanceOf(UnusableAnswer.class)
                .hasMessageStartingWith("teams-1.json holds " + held)
                .hasMessageContaining("Save it with: curl -fsS", "/team/list > teams.json");
    }

    @ParameterizedTest
    @MethodSource("otherThings")
    void whatIsNoListOfKeysIsRefused(String answer, String held) {
        assertThatThrownBy(() -> Moved.serving("gpt-4o").keys(answer).converted())
                .hasMessageStartingWith("keys-1.json holds " + held)
                .hasMessageContaining("return_full_object=true");
    }

    @Test
    void filesGivenForOneAnotherAreNoticed() {
        assertThatThrownBy(() -> Moved.serving("gpt-4o").keys("[" + Moved.team("search", "") + "]").converted())
                .hasMessageContaining("not of keys");
        assertThatThrownBy(() -> Moved.serving("gpt-4o").teams("[" + Moved.key("ann", "") + "]").converted())
                .hasMessageContaining("not of teams");
    }

    @Test
    void hashesAloneAreNotEnough() {
        String hashes = "{\"keys\": [\"" + KeyDigest.of("sk-ann").hex() + "\"], \"total_count\": 1}";

        assertThatThrownBy(() -> Moved.serving("gpt-4o").keys(hashes).converted())
                .hasMessageContaining("nothing but the hashes of keys", "return_full_object=true");
    }

    @Test
    void missingPageIsRefused() {
        String first = PAGE.formatted(Moved.key("ann", ""), 3, 1, 2);

        assertThatThrownBy(() -> Moved.serving("gpt-4o").keys(first).converted())
                .hasMessageContaining("1 of 3 keys, page 1 of 2", "--keys FILE --keys FILE");
        assertThatThrownBy(() -> Moved.serving("gpt-4o").keys(first).keys(first).converted())
                .hasMessageContaining("1 of 3 keys");
        assertThatThrownBy(() -> Moved.serving("gpt-4o").keys("""
                {"keys": [%s], "total_count": 3}
                """.formatted(Moved.key("ann", ""))).converted()).hasMessageContaining("1 of 3 keys");
        assertThatThrownBy(() -> Moved.serving("gpt-4o").teams("""
                {"teams": [%s], "total": 12, "page": 1, "page_size": 1, "total_pages": 12}
                """.formatted(Moved.team("search", ""))).converted()).hasMessageContaining("1 of 12 teams");
    }

    @Test
    void pagesAreReadTogether() throws Exception {
        Moved moved = Moved.serving("gpt-4o")
                .keys(PAGE.formatted(Moved.key("ann", "") + "," + Moved.key("bob", ""), 3, 1, 2))
                .keys(PAGE.formatted(Moved.key("bob", "") + "," + Moved.key("cyd", ""), 3, 2, 2));

        assertThat(moved.tenants()).containsExactly("ann", "bob", "cyd");
    }

    @Test
    void keyThatCameBetweenTwoPagesDoesNoHarm() throws Exception {
        Moved moved = Moved.serving("gpt-4o").keys(PAGE.formatted(Moved.key("ann", ""), 2, 1, 2))
                .keys(PAGE.formatted(Moved.key("ann", ""), 3, 2, 2));

        assertThat(moved.tenants()).containsExactly("ann");
    }
}
