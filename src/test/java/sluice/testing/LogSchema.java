package sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** {@code config/log.schema.json}, as tests ask it. */
public final class LogSchema {
    private static final String TEXT = read();
    private static final Schema SCHEMA = SchemaRegistry
            .withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(TEXT, InputFormat.JSON);

    private LogSchema() {}

    private static String read() {
        try {
            return Files.readString(Path.of("config/log.schema.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails unless this is a line that the schema knows. */
    public static void holds(String line) {
        assertThat(SCHEMA.validate(line, InputFormat.JSON)).as(line).isEmpty();
    }

    /** The fields of a kind of line, {@code call} or {@code event}. */
    public static Set<String> fields(String kind) {
        return new TreeSet<>(new JsonObject(TEXT).getJsonObject("$defs").getJsonObject(kind)
                .getJsonObject("properties").fieldNames());
    }
}
