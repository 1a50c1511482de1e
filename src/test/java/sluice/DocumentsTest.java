package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import picocli.CommandLine;
import sluice.cli.Commands;
import sluice.config.ConfigReader;

/** Holds the documents to each other and to the code: links lead somewhere, snippets work, tables are complete. */
class DocumentsTest {
    private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
    private static final Pattern FENCE = Pattern.compile("(?m)^( *)```(\\S*)\\n(.*?)^ *```$", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("(?m)^ *(?:java -jar \\S+|sluice|docker run.*?sluice\\S*) "
            + "((?:import )?[a-z]+)((?: +(?!\\||>|#|\\\\)\\S+)*)");
    private static final Set<String> SECTIONS = Set.of("listen", "admin", "upstream", "plans", "tenants", "identity",
            "cache", "queue", "drain", "metrics", "traces", "redis", "ledger", "prices", "budgets", "openai-admin",
            "include");
    private static final String UPSTREAM = "upstream: { accounts: [{ name: main, keys: [\"${OPENAI_API_KEY}\"] }] }\n";

    /** A fenced block. */
    record Snippet(Path file, String language, String text) {
        @Override
        public String toString() {
            return file + ": " + text.lines().findFirst().orElse("");
        }
    }

    static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        try (Stream<Path> top = Files.list(Path.of(""))) {
            top.filter(DocumentsTest::isDocument).forEach(documents::add);
        }
        for (String folder : List.of("docs", "deploy", "bench")) {
            try (Stream<Path> below = Files.walk(Path.of(folder))) {
                below.filter(DocumentsTest::isDocument).forEach(documents::add);
            }
        }
        return documents.stream().sorted().toList();
    }

    private static boolean isDocument(Path file) {
        return file.toString().endsWith(".md");
    }

    private static List<Snippet> snippets() throws IOException {
        List<Snippet> snippets = new ArrayList<>();
        for (Path file : documents()) {
            Matcher fence = FENCE.matcher(Files.readString(file));
            while (fence.find()) {
                String text = fence.group(3).replaceAll("(?m)^" + fence.group(1), "");
                snippets.add(new Snippet(file, fence.group(2), text));
            }
        }
        return snippets;
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsSomewhere(Path file) throws IOException {
        List<String> broken = new ArrayList<>();
        for (MatchResult link : LINK.matcher(withoutCode(Files.readString(file))).results().toList()) {
            String target = link.group(1);
            if (!target.matches("[a-z]+:.*")) {
                String[] parts = target.split("#", 2);
                Path to = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
                boolean there = Files.exists(to);
                if (!there || (parts.length == 2 && isDocument(to) && !anchors(to).contains(parts[1]))) {
                    broken.add(target);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static String withoutCode(String text) {
        return FENCE.matcher(text).replaceAll("");
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path file) throws IOException {
        Set<String> anchors = new LinkedHashSet<>();
        HEADING.matcher(withoutCode(Files.readString(file))).results().forEach(heading -> anchors.add(heading.group(1)
                .toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-')));
        return anchors;
    }

    @Test
    void everyDocumentIsListed() throws IOException {
        String index = Files.readString(Path.of("docs/README.md"));
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            assertThat(files.map(Path::getFileName).map(Path::toString)
                    .filter(name -> name.endsWith(".md") && !name.equals("README.md")))
                    .allSatisfy(name -> assertThat(index).contains("(" + name + ")"));
        }
    }

    @Test
    void readmeIsOnePage() throws IOException {
        assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(120);
    }

    static List<Snippet> configurations() throws IOException {
        return snippets().stream().filter(each -> each.language().equals("yaml"))
                .filter(each -> SECTIONS.containsAll(keys(each.text()))).toList();
    }

    static List<Snippet> otherYaml() throws IOException {
        return snippets().stream().filter(each -> each.language().equals("yaml"))
                .filter(each -> !SECTIONS.containsAll(keys(each.text()))).toList();
    }

    private static Object load(String yaml) {
        return new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(yaml);
    }

    private static Set<String> keys(String yaml) {
        Set<String> keys = new TreeSet<>();
        if (load(yaml) instanceof Map<?, ?> map) {
            map.keySet().forEach(key -> keys.add(String.valueOf(key)));
        }
        return keys;
    }

    /** Whatever a snippet leaves out is added: accounts, the tenants and plans that it names, digests. */
    @ParameterizedTest
    @MethodSource("configurations")
    void configurationPassesTheCheck(Snippet snippet, @TempDir Path folder) throws Exception {
        int[] digests = {0};
        String text = Pattern.compile("(sha256: *\"?|\"sha256:)[a-z]*…").matcher(snippet.text())
                .replaceAll(found -> found.group(1) + "%064x".formatted(++digests[0]));
        text = text.replaceAll("sk-[a-z-]*…", "\\${OPENAI_ADMIN_KEY}");
        Map<Object, Object> whole = new LinkedHashMap<>((Map<?, ?>) load(text));
        if (!whole.containsKey("upstream")) {
            whole.putAll((Map<?, ?>) load(UPSTREAM));
        }
        if (!whole.containsKey("tenants")) {
            List<Object> tenants = new ArrayList<>();
            for (String name : List.of("search", "support-bot")) {
                tenants.add(Map.of("name", name, "keys", List.of("${" + name.replace('-', '_') + "}")));
            }
            whole.put("tenants", tenants);
        }
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, new Dump(DumpSettings.builder().setSchema(new CoreSchema()).build())
                .dumpToString(whole));

        assertThat(ConfigReader.readOffline(file).accounts()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("otherYaml")
    void otherYamlIsYaml(Snippet snippet) {
        assertThat(load(snippet.text())).isNotNull();
    }

    static List<Snippet> scripts() throws IOException {
        return snippets().stream().filter(each -> each.language().isEmpty() && !each.text().contains("─")).toList();
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void scriptIsWhatTheShellCanRead(Snippet snippet) throws Exception {
        Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var in = bash.outputWriter()) {
            in.write(snippet.text());
        }
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void commandsAndTheirOptionsExist(Snippet snippet) {
        COMMAND.matcher(snippet.text()).results().forEach(found -> {
            CommandLine line = Commands.line();
            for (String name : found.group(1).split(" ", -1)) {
                assertThat(line.getSubcommands()).as(found.group()).containsKey(name);
                line = line.getSubcommands().get(name);
            }
            for (String word : found.group(2).strip().split(" +", -1)) {
                if (word.startsWith("--")) {
                    assertThat(line.getCommandSpec().optionsMap()).as(found.group())
                            .containsKey(word.replaceFirst("=.*", ""));
                }
            }
        });
    }

    static List<Snippet> programs() throws IOException {
        return snippets().stream().filter(each -> each.language().equals("python")).toList();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void programIsWhatPythonCanRead(Snippet snippet) throws Exception {
        Process python = new ProcessBuilder("python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())").start();
        try (var in = python.outputWriter()) {
            in.write(snippet.text());
        }
        assertThat(python.waitFor()).isZero();
    }

    static List<Snippet> javaPrograms() throws IOException {
        return snippets().stream().filter(each -> each.language().equals("java")).toList();
    }

    @ParameterizedTest
    @MethodSource("javaPrograms")
    void programIsWhatJavaCompiles(Snippet snippet, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("Snippet.java"), """
                import com.openai.client.okhttp.OpenAIOkHttpClient;
                import com.openai.credential.BearerTokenCredential;
                import java.io.*;
                import java.nio.file.*;
                class Snippet { Object client() throws Exception { return %s } }
                """.formatted(snippet.text()));
        ByteArrayOutputStream said = new ByteArrayOutputStream();

        int code = ToolProvider.getSystemJavaCompiler().run(null, said, said, "-proc:none", "-d", folder.toString(),
                "-cp", System.getProperty("java.class.path"), file.toString());

        assertThat(code).as(said.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void snippetsThatAreTriedAreMany() throws IOException {
        assertThat(configurations()).hasSizeGreaterThanOrEqualTo(9);
        assertThat(scripts()).hasSizeGreaterThanOrEqualTo(20);
        assertThat(programs()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(javaPrograms()).isNotEmpty();
    }

    /** Names in the code, as Prometheus shows them but for the endings that it adds. */
    @Test
    void metricsPageListsEveryMeter() throws IOException {
        Set<String> inCode = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java/sluice/metrics"))) {
            for (Path file : files.filter(each -> each.toString().matches(".*(Meters|Gauges)\\.java")).toList()) {
                Pattern.compile("\"sluice\\.([a-z.]+[a-z])\"").matcher(Files.readString(file)).results()
                        .forEach(name -> inCode.add(bare("sluice_" + name.group(1).replace('.', '_'))));
            }
        }
        Set<String> onPage = new TreeSet<>();
        Files.readString(Path.of("docs/metrics.md")).lines().filter(line -> line.startsWith("| `"))
                .forEach(row -> Pattern.compile("sluice_[a-z_]+").matcher(row.substring(0, row.indexOf('|', 1)))
                        .results().forEach(name -> onPage.add(bare(name.group()))));
        assertThat(inCode).hasSizeGreaterThan(40);
        assertThat(onPage).isEqualTo(inCode);
    }

    private static String bare(String name) {
        return name.replaceFirst("_total$", "").replaceFirst("(?<!timestamp|cooldown|behind)_seconds$", "");
    }

    @Test
    void everyAlertHasASectionThatItNames() throws IOException {
        Object rules = load(Files.readString(Path.of("deploy/prometheus/rules.yaml")));
        Set<String> sections = anchors(Path.of("docs/alerts.md"));
        Set<String> alerts = new TreeSet<>();
        for (Object group : (List<?>) ((Map<?, ?>) rules).get("groups")) {
            for (Object each : (List<?>) ((Map<?, ?>) group).get("rules")) {
                Map<?, ?> rule = (Map<?, ?>) each;
                if (rule.get("alert") instanceof String alert) {
                    alerts.add(alert.toLowerCase(Locale.ROOT));
                    assertThat(((Map<?, ?>) rule.get("annotations")).get("runbook_url")).as(alert).asString()
                            .isEqualTo("docs/alerts.md#" + alert.toLowerCase(Locale.ROOT));
                }
            }
        }
        assertThat(alerts).hasSizeGreaterThan(20);
        assertThat(sections).containsAll(alerts);
        assertThat(sections.stream().filter(section -> section.startsWith("sluice"))).allMatch(alerts::contains);
    }
}
