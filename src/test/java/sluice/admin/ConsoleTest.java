package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.TestGateway;

/** The console's files: all there, served safely, and in line with the documents. */
@Timeout(60)
class ConsoleTest {
    private static final Path FOLDER = Path.of("src/main/resources/sluice/console");

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    private HttpResponse<String> get(String path, String... headers) {
        return gateway.start("tenants: [{ name: bot, keys: [\"${BOT}\"] }]").admin(path, headers);
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void allFilesAreServed() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()).toList())
                    .containsExactlyInAnyOrderElementsOf(Console.FILES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console", "/console/", "/console/tenants/bot", "/console/static/main.js",
            "/console/start.json",
            "/console/static/nothing.js"})
    void nothingRunsButItsOwnFiles(String path) {
        HttpResponse<String> answer = get(path);
        assertThat(header(answer, "content-security-policy")).contains("default-src 'none'", "frame-ancestors 'none'",
                "require-trusted-types-for 'script'").doesNotContain("unsafe", "*", "http:", "data:");
        assertThat(header(answer, "x-content-type-options")).isEqualTo("nosniff");
        assertThat(header(answer, "referrer-policy")).isEqualTo("no-referrer");
        assertThat(header(answer, "cross-origin-opener-policy")).isEqualTo("same-origin");
    }

    @Test
    void anUnchangedFileIsNotSentAgain() {
        HttpResponse<String> first = get("/console/static/main.js");
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "content-type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(header(first, "cache-control")).isEqualTo("no-cache");
        HttpResponse<String> again = gateway.admin("/console/static/main.js", "if-none-match", header(first, "etag"));
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(gateway.admin("/console/static/api.js", "if-none-match", header(first, "etag")).statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console/static/..%2f..%2fadmin%2fopenapi.yaml", "/console/static/../openapi.yaml",
            "/console/static/main.js/more", "/console/static/", "/console/static/nothing.js"})
    void noOtherFileCanBeHad(String path) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode() == 404 || answer.body().contains("<div id=\"app\">")).as(answer.body()).isTrue();
    }

    @Test
    void everyAddressUnderItIsThePage() {
        HttpResponse<String> page = get("/console/tenants/bot?x=1");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<div id=\"app\">").doesNotContain("<style", "onload=", "style=");
        assertThat(header(gateway.admin("/"), "location")).isEqualTo("/console");
        assertThat(gateway.admin("/console/start.json").body()).isEqualTo("{\"login\":false}");
        HttpResponse<String> posted = gateway.send(HttpRequest.newBuilder(URI.create(gateway.adminUrl() + "/console"))
                .POST(BodyPublishers.noBody()));
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(header(posted, "allow")).isEqualTo("GET");
    }

    @Test
    void everythingThatItLoadsIsItsOwn() throws IOException {
        for (String name : Console.FILES) {
            String text = Files.readString(FOLDER.resolve(name));
            List<String> addresses = Pattern.compile("https?://[^\\s'\"`)]+").matcher(text).results()
                    .map(MatchResult::group)
                    .filter(address -> !address.startsWith("http://www.w3.org/")
                            && !address.startsWith("http://${location.hostname}:"))
                    .toList();
            assertThat(addresses).as(name).isEmpty();
            assertThat(text).as(name).doesNotContain("innerHTML", "insertAdjacentHTML", "document.write", "eval(",
                    "localStorage.setItem('token", "sessionStorage");
        }
    }

    @Test
    void everyErrorThatCallersKnowIsExplained() throws IOException {
        Set<String> known = Files.readString(Path.of("docs/clients.md")).lines()
                .filter(line -> line.matches("\\| \\d{3}[^|]*\\|.*")).map(line -> line.split("\\|", -1)[2])
                .flatMap(cell -> Pattern.compile("`([a-z_]+)`").matcher(cell).results().map(found -> found.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(known).hasSizeGreaterThan(30);
        String reasons = Files.readString(FOLDER.resolve("reasons.js"));
        assertThat(known).allSatisfy(code -> assertThat(reasons).contains("\n  " + code + ": ["));
    }
}
