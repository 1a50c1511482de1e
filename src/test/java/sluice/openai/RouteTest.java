package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import java.util.List;
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
        String path = endpoint.path().replace("{}", "some-id").replace("**", "below");
        String method = endpoint.socket() ? "GET" : endpoint.method().equals("*") ? "PUT" : endpoint.method();

        assertThat(Route.of(method, "/v1" + path, endpoint.socket())).isInstanceOfSatisfying(Known.class, known -> {
            assertThat(known.endpoint()).isEqualTo(endpoint);
            assertThat(known.target()).isEqualTo(path);
        });
    }

    @ParameterizedTest
    @CsvSource({"POST, /v1/chat/completions, CHAT_COMPLETIONS", "POST, /v1/completions, COMPLETIONS",
            "POST, /v1/embeddings, EMBEDDINGS", "POST, /v1/moderations, MODERATIONS", "POST, /v1/responses, RESPONSES",
            "GET, /v1/models, MODELS", "HEAD, /v1/models, MODELS", "GET, /v1/chat/completions, STORED_COMPLETIONS",
            "GET, /v1/responses/resp_1, STORED_RESPONSES", "POST, /v1/files, FILE",
            "DELETE, /v1/models/ft:x, MODEL_DELETION",
            "POST, /v1/realtime/sessions, REALTIME_SESSIONS", "GET, /v1/organization, ORGANIZATION",
            "GET, /v1/projects/p/new-thing, PROJECTS", "POST, /v1/brand_new/thing, OTHER"})
    void routesAreThoseOfTheApi(String method, String path, Endpoint endpoint) {
        assertThat(Route.of(method, path, false)).isInstanceOfSatisfying(Known.class,
                known -> assertThat(known.endpoint()).isEqualTo(endpoint));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"GET|/v1/embeddings|POST", "HEAD|/v1/moderations|POST",
            "OPTIONS|/v1/completions|POST", "PUT|/v1/models|GET, HEAD", "GET|/v1/responses|POST, WEBSOCKET",
            "GET|/v1/realtime|WEBSOCKET", "POST|/v1/realtime|WEBSOCKET", "PATCH|/v1/models/m|GET, HEAD, DELETE",
            "OPTIONS|/v1/files|GET, HEAD, POST, DELETE, PUT, PATCH",
            "OPTIONS|/v1/assistants|POST, GET, HEAD, DELETE, PUT, PATCH", "post|/v1/embeddings|POST"})
    void anotherMethodIsToldWhichOneIsMeant(String method, String path, String allowed) {
        assertThat(Route.of(method, path + "?a=b", false))
                .isEqualTo(new WrongMethod(List.of(allowed.split(", ", -1))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"GET|/v1/models", "GET|/v1/chat/completions", "POST|/v1/chat/completions",
            "POST|/v1/responses", "POST|/v1/realtime", "GET|/v1/responses/r_1", "GET|/v1/something/new",
            "POST|/v1/engines/m/completions", "GET|/openai/deployments/m/chat/completions", "DELETE|/v1/files/f",
            "POST|/v1/live/sessions", "GET|/v1/live/sessions/s/content", "POST|/v1/live/sessions/s/fork",
            "GET|/v1/agents/sessions/s/events", "POST|/v1/decisions", "GET|/v1/vaults", "GET|/v1/realtime/calls"})
    void noRouteButASocketIsTakenForTheRequestThatItWouldBeWithoutItsUpgrade(String method, String path) {
        assertThat(Route.of(method, path, true)).isEqualTo(new Route.NoUpgrade());
    }

    @Test
    void socketsAreUpgraded() {
        assertThat(Route.of("GET", "/v1/realtime?model=m", true))
                .isEqualTo(new Known(Endpoint.REALTIME_SOCKET, "/realtime?model=m", null));
        assertThat(Route.of("GET", "/v1/responses", true))
                .isEqualTo(new Known(Endpoint.RESPONSES_SOCKET, "/responses", null));
        assertThat(Route.of("GET", "/v1/live/sessions/s_1/attach?a=b", true))
                .isEqualTo(new Known(Endpoint.LIVE_ATTACHMENTS, "/live/sessions/s_1/attach?a=b", null));
    }

    /** A reader who does not tell case, decodes twice or first, or looks behind a semicolon, finds nothing new. */
    @ParameterizedTest
    @ValueSource(strings = {"/v1/Organization/costs", "/v1/ORGANIZATION", "/v1/Files", "/v1/Realtime/sessions",
            "/v1/responses/Compact", "/v1/chat/Completions", "/v1/threads/Runs", "/v1/files%2Fx", "/v1/files/a%2Fb",
            "/v1/organization;x/costs", "/v1/%4Frganization/costs", "/v1/brand%20new", "/v1/new;thing",
            "/v1/new%3Bthing",
            "/v1/v1/files", "/v1/openai/files", "/openai/v1/Files", "/openai/deployments/m/files",
            "/openai/engines/m/x",
            "/openai/deployments/m/Chat/completions", "/openai/openai/files", "/Openai/files"})
    void otherReadersFindNoOtherRoute(String uri) {
        assertThat(Route.of("POST", uri, false)).isEqualTo(new Unknown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/files/..%2F..%2Forganization", "/v1/files/%252e%252e/organization", "/v1/files/%2e%2e",
            "/v1/files/a%2F%2Fb", "/v1/files/%252Forganization", "/v1/files//x", "/v1/models/..%2fx"})
    void pathThatCouldLeadElsewhereIsRefused(String uri) {
        assertThat(Route.of("GET", uri, false)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21|CHAT_COMPLETIONS|/chat/completions|gpt-4o",
            "/openai/deployments/a%2Fb/embeddings?x=%20&api-version=1|EMBEDDINGS|/embeddings?x=%20|a/b",
            "/openai/deployments/w/audio/transcriptions?api-version=1&y|AUDIO_TRANSCRIPTIONS|/audio/transcriptions?y|w",
            "/openai/v1/responses?api-version=preview|RESPONSES|/responses|",
            "/openai/files?api-version=1|FILE|/files|",
            "/openai/v1/chat/completions|CHAT_COMPLETIONS|/chat/completions|"})
    void azurePathsLeadToTheSameRoutes(String uri, Endpoint endpoint, String target, String model) {
        assertThat(Route.of("POST", uri, false)).isEqualTo(new Known(endpoint, target, model));
    }

    @Test
    void queryIsSentOnByteForByte() {
        assertThat(Route.of("POST", "/v1/responses?beta=true&include[]=a%2Fb&x=/../", false))
                .isEqualTo(new Known(Endpoint.RESPONSES, "/responses?beta=true&include[]=a%2Fb&x=/../", null));
        assertThat(Route.of("GET", "/v1/models?", false)).isEqualTo(new Known(Endpoint.MODELS, "/models?", null));
    }

    @ParameterizedTest
    @CsvSource({"/v1/%63hat/completions, /%63hat/completions", "/v1/chat/%63%6Fmpletions, /chat/%63%6Fmpletions",
            "/v1/chat/%63%6fmpletions?x=%20, /chat/%63%6fmpletions?x=%20",
            "/%76%31/chat/completions, /chat/completions",
            "/%761/%63hat/completions?q, /%63hat/completions?q"})
    void encodedPathReachesTheSameRouteAndIsSentOnAsItCame(String uri, String target) {
        assertThat(Route.of("POST", uri, false)).isEqualTo(new Known(Endpoint.CHAT_COMPLETIONS, target, null));
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
        assertThat(Route.of("POST", uri, false))
                .isEqualTo(new Known(Endpoint.CHAT_COMPLETIONS, uri.substring("/v1".length()), null));
        assertThat(Route.of("GET", uri, false)).isEqualTo(
                new Known(Endpoint.STORED_COMPLETIONS, uri.substring("/v1".length()), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/chat%2Fcompletions", "/v1%2fchat/completions", "/v1%2Fmodels",
            "/v1/engines%2Fx/completions",
            "/v1/engines/x%2Fcompletions"})
    void encodedSlashIsNoSeparator(String uri) {
        assertThat(Route.of("POST", uri, false)).isEqualTo(new Unknown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/./models", "/v1/../v1/models", "/v1/%2e/models", "/v1/%2E%2e/models",
            "/v1/.%2E/models",
            "/v1/models/.", "/v1/engines/../completions", "/v1/engines/%2e%2e/completions"})
    void dotSegmentIsRefused(String uri) {
        assertThat(Route.of("GET", uri, false)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//v1/models", "/v1//models", "/v1/models/", "//", "/v1/engines//completions",
            "http://host/v1/models", "*", "v1/models", "?x"})
    void emptySegmentOrNoPathIsRefused(String uri) {
        assertThat(Route.of("GET", uri, false)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1\\models", "/v1/%5Cmodels", "/v1/%5c..%5c/models", "/v1/%00models", "/v1/models%0a",
            "/v1/models%0D%0Ax", "/v1/models%7f", "/v1/mod\tels", "/v1/models%1F", "/v1/engines/a%00b/completions"})
    void backslashOrControlByteIsRefused(String uri) {
        assertThat(Route.of("GET", uri, false)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models%", "/v1/models%4", "/v1/models%zz", "/v1/models%4g", "/v1/%/models",
            "/v1/m%-1dels", "/v1/m%+1dels"})
    void brokenEncodingIsRefused(String uri) {
        assertThat(Route.of("GET", uri, false)).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/v2/models", "/models", "/V1/models",
            "/v1/Models",
            "/v1/models;x=1", "/v1/models%20", "/v1/models%3Fx", "/v1/v1/models",
            "/x/v1/models",
            "/v1/engines", "/v1/engines/x", "/v1/engines/x/models", "/v1/engines/x/moderations",
            "/v1/engines/x/responses",
            "/v1/engines/x/y/completions", "/v1/engines/x/edits"})
    void anythingElseIsUnknown(String uri) {
        assertThat(Route.of("GET", uri, false)).isEqualTo(new Unknown());
        assertThat(Route.of("POST", uri, false)).isEqualTo(new Unknown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/sluice", "/v1/sluice/limit", "/v1/sluice/limits/x", "/v1/Sluice/limits",
            "/v1/sluice/Limits", "/openai/v1/sluice/usages"})
    void nothingIsLikeTheGatewaysOwnRoutes(String uri) {
        for (String method : List.of("GET", "POST", "OPTIONS")) {
            assertThat(Route.of(method, uri, false)).isEqualTo(new Route.UnknownOwn());
        }
    }

    @ParameterizedTest
    @CsvSource({"completions, COMPLETIONS", "chat/completions, CHAT_COMPLETIONS", "embeddings, EMBEDDINGS"})
    void engineGoesToTheModernPathWithItsModel(String rest, Endpoint endpoint) {
        assertThat(Route.of("POST", "/v1/engines/text-davinci-003/" + rest + "?a=%2F", false))
                .isEqualTo(new Known(endpoint, endpoint.path() + "?a=%2F", "text-davinci-003"));
        assertThat(Route.of("GET", "/v1/engines/text-davinci-003/" + rest, false))
                .isEqualTo(new WrongMethod(List.of("POST")));
    }

    @ParameterizedTest
    @CsvSource({"ft%3Agpt-4o%3Aacme, ft:gpt-4o:acme", "ft:a+b, ft:a+b", "acme%2Fllama, acme/llama", "a%20b, a b",
            "caf%C3%A9, café", "%E6%A8%A1%F0%9F%98%80, 模😀"})
    void engineIsDecoded(String engine, String model) {
        assertThat(Route.of("POST", "/v1/engines/" + engine + "/completions", false))
                .isEqualTo(new Known(Endpoint.COMPLETIONS, "/completions", model));
    }

    @Property
    void noPathIsTooStrange(@ForAll String path, @ForAll("strange") String stranger) {
        assertThat(Route.of("POST", path, false)).isNotNull();
        assertThat(Route.of("POST", stranger, false)).isNotNull();
    }

    @Provide
    Arbitrary<String> strange() {
        return Arbitraries
                .of("/", "v1", "engines", "completions", "chat", "%2e", "%2F", ".", "..", "%", "?", "#", "é", "%ff")
                .list().ofMaxSize(8).map(parts -> String.join("", parts));
    }
}
