package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.openai.EndpointClass;

/** The console explains what a tenant may call in the words of the documents. */
class ConsoleWordsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (.+) \\|$");
    private static final Path FORM = Path.of("src/main/resources/sluice/console/settings.js");

    @ParameterizedTest
    @EnumSource
    void eachClassOfEndpointsIsExplainedAsInTheDocuments(EndpointClass each) throws Exception {
        Map<String, String> rows = ROW.matcher(Files.readString(Path.of("docs/tenants.md"))).results()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2), (first, second) -> first));
        String words = rows.getOrDefault(each.key(), "no row").replace("`", "").replace("**", "").replace('\'',
                '\u2019');
        assertThat(Files.readString(FORM)).contains("'" + words + "'");
    }
}
