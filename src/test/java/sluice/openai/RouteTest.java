package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.openai.Route.Known;
import sluice.openai.Route.Malformed;
import sluice.openai.Route.Unknown;
import sluice.openai.Route.WrongMethod;

class RouteTest {

    @ParameterizedTest
    @EnumSource
    void everyEndpointIsServedOnItsPath(Endpoint endpoint) {
        assertThat(Route.of(endpoint.method(), "/v1" + endpoint.path()))
                .isEqualTo(new Known(endpoint, endpoint.path(), null));
    }

    @ParameterizedTest
    @CsvSource({"POST, /v1/chat/completions, CHAT_COMPLETIONS", "POST, /v1/completions, COMPLETIONS",
            "POST, /v1/embeddings, EMBEDDINGS", "POST, /v1/moderations, MODERATIONS", "POST, /v1/responses, RESPONSES",
            "GET, /v1/models, MODELS"})
    void routesAreThoseOfTheApi(String method, String path, Endpoint endpoint) {
        assertThat(Route.of(method, path)).isInstanceOfSatisfying(Known.class,
                known -> assertThat(known.endpoint()).isEqualTo(endpoint));
    }

    @ParameterizedTest
    @EnumSource
    void anotherMethodIsToldWhichOneIsMeant(Endpoint endpoint) {
        for (String method : new String[]{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "post"}) {
            if (!method.equals(endpoint.method())) {
                assertThat(Route.of(method, "/v1" + endpoint.path() + "?a=b"))
                        .isEqualTo(new WrongMethod(endpoint.method()));
            }
        }
    }

    @Test
    void queryIsSentOnByteForByte() {
        assertThat(Route.of("POST", "/v1/responses?beta=true&include[]=a%2Fb&x=/../"))
                .isEqualTo(new Known(Endpoint.RESPONSES, "/responses?beta=true&include[]=a%2Fb&x=/../", null));
        assertThat(Route.of("GET", "/v1/models?")).isEqualTo(new Known(Endpoint.MODELS, "/models?", null));
    }

    @ParameterizedTest
    @CsvSource({"/v1/%63hat/completions, /%63hat/completions", "/v1/chat/%63%6Fmpletions, /chat/%63%6Fmpletions",
            "/v1/chat/%63%6fmpletions?x=%20, /chat/%63%6fmpletions?x=%20",
            "/%76%31/chat/completions, /chat/completions",
            "/%761/%63hat/completions?q, /%63hat/completions?q"})
    void encodedPathReachesTheSameRouteAndIsSentOnAsItCame(String uri, String target) {
        assertThat(Route.of("POST", uri)).isEqualTo(new Known(Endpoint.CHAT_COMPLETIONS, target, null));
    }

    /** The path of an endpoint with some of its characters encoded. */
    @Provide
    Arbitrary<String> encoding() {
        return Arbitraries.integers().between(0, 2).list().ofSize(32)
                .map(choices -> {
                    StringBuilder text = new StringBuilder("/v1/");
                    String plain = "chat/completions";
                    for (int i = 0; i < plain.length(); i++) {
                        char c = plain.charAt(i);
                        String hex = String.format(Locale.ROOT, "%%%02x", (int) c);
                        text.append(c == '/' || choices.get(i) == 0
                                ? String.valueOf(c)
                                : choices.get(i) == 1 ? hex : hex.toUpperCase(Locale.ROOT));
                    }
                    return text.toString();
                });
    }

    @Property
    void noEncodingChangesTheRouteOrTheBytes(@ForAll("encoding") String uri) {
        assertThat(Route.of("POST", uri))
                .isEqualTo(new Known(Endpoint.CHAT_COMPLETIONS, uri.substring("/v1".length()), null));
        assertThat(Route.of("GET", uri)).isEqualTo(new WrongMethod("POST"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/chat%2Fcompletions", "/v1%2fchat/completions", "/v1%2Fmodels",
            "/v1/engines%2Fx/completions",
            "/v1/engines/x%2Fcompletions"})
    void encodedSlashIsNoSeparator(String uri) {
        assertThat(Route.of("POST", uri)).isEqualTo(new Unknown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/./models", "/v1/../v1/models", "/v1/%2e/models", "/v1/%2E%2e/models",
            "/v1/.%2E/models",
            "/v1/models/.", "/v1/engines/../completions", "/v1/engines/%2e%2e/completions"})
    void dotSegmentIsRefused(String uri) {
        assertThat(Route.of("GET", uri)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//v1/models", "/v1//models", "/v1/models/", "//", "/v1/engines//completions",
            "http://host/v1/models", "*", "v1/models", "?x"})
    void emptySegmentOrNoPathIsRefused(String uri) {
        assertThat(Route.of("GET", uri)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1\\models", "/v1/%5Cmodels", "/v1/%5c..%5c/models", "/v1/%00models", "/v1/models%0a",
            "/v1/models%0D%0Ax", "/v1/models%7f", "/v1/mod\tels", "/v1/models%1F", "/v1/engines/a%00b/completions"})
    void backslashOrControlByteIsRefused(String uri) {
        assertThat(Route.of("GET", uri)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models%", "/v1/models%4", "/v1/models%zz", "/v1/models%4g", "/v1/%/models",
            "/v1/m%-1dels", "/v1/m%+1dels"})
    void brokenEncodingIsRefused(String uri) {
        assertThat(Route.of("GET", uri)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/v2/models", "/models", "/v1/model", "/v1/models/gpt-4o", "/V1/models",
            "/v1/Models",
            "/v1/models;x=1", "/v1/models%20", "/v1/models%3Fx", "/v1/files", "/v1/chat", "/v1/v1/models",
            "/x/v1/models",
            "/v1/engines", "/v1/engines/x", "/v1/engines/x/models", "/v1/engines/x/moderations",
            "/v1/engines/x/responses",
            "/v1/engines/x/y/completions", "/v1/engines/x/edits"})
    void anythingElseIsUnknown(String uri) {
        assertThat(Route.of("GET", uri)).isEqualTo(new Unknown());
        assertThat(Route.of("POST", uri)).isEqualTo(new Unknown());
    }

    @ParameterizedTest
    @CsvSource({"completions, COMPLETIONS", "chat/completions, CHAT_COMPLETIONS", "embeddings, EMBEDDINGS"})
    void engineGoesToTheModernPathWithItsModel(String rest, Endpoint endpoint) {
        assertThat(Route.of("POST", "/v1/engines/text-davinci-003/" + rest + "?a=%2F"))
                .isEqualTo(new Known(endpoint, endpoint.path() + "?a=%2F", "text-davinci-003"));
        assertThat(Route.of("GET", "/v1/engines/text-davinci-003/" + rest)).isEqualTo(new WrongMethod("POST"));
    }

    @ParameterizedTest
    @CsvSource({"ft%3Agpt-4o%3Aacme, ft:gpt-4o:acme", "ft:a+b, ft:a+b", "acme%2Fllama, acme/llama", "a%20b, a b",
            "caf%C3%A9, café", "%E6%A8%A1%F0%9F%98%80, 模😀"})
    void engineIsDecoded(String engine, String model) {
        assertThat(Route.of("POST", "/v1/engines/" + engine + "/completions"))
                .isEqualTo(new Known(Endpoint.COMPLETIONS, "/completions", model));
    }

    @Property
    void noPathIsTooStrange(@ForAll String path, @ForAll("strange") String stranger) {
        assertThat(Route.of("POST", path)).isNotNull();
        assertThat(Route.of("POST", stranger)).isNotNull();
    }

    @Provide
    Arbitrary<String> strange() {
        return Arbitraries
                .of("/", "v1", "engines", "completions", "chat", "%2e", "%2F", ".", "..", "%", "?", "#", "é", "%ff")
                .list().ofMaxSize(8).map(parts -> String.join("", parts));
    }
}
