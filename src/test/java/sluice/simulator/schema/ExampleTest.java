package sluice.simulator.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A validator of its own judges every example. */
@Timeout(60)
class ExampleTest {
    private static final String TREE = """
            {"$defs":{"node":{"type":"object","properties":{"name":{"type":"string"},
              "left":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},
              "right":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},
              "children":{"type":"array","items":{"$ref":"#"}}},
              "required":["name","left","right","children"],"additionalProperties":false}},"$ref":"#/$defs/node"}""";
    private static final String EXPRESSION = """
            {"$defs":{"sum":{"type":"object","properties":{"left":{"$ref":"#/$defs/any"},"right":{"$ref":"#/$defs/any"}},
              "required":["left","right"]},"any":{"anyOf":[{"$ref":"#/$defs/sum"},{"$ref":"#/$defs/one"}]},
              "one":{"type":"object","properties":{"value":{"type":"number"}},"required":["value"]}},
              "type":"object","properties":{"it":{"$ref":"#/$defs/any"}},"required":["it"]}""";

    private static Schema validator(String schema) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(schema);
    }

    private static String example(String schema) {
        return Example.of(new JsonObject(schema), "answer-0123456789abcdef");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"type\":\"object\"}", "{\"type\":\"array\"}", "{\"type\":\"null\"}",
            "{\"type\":[\"null\",\"integer\"]}", "{\"type\":[\"string\",\"null\"],\"enum\":[\"a\",null]}",
            "{\"const\":null}", "{\"const\":{\"a\":1}}", "{\"enum\":[3,4]}", "{\"type\":\"boolean\"}",
            "{\"type\":\"string\",\"maxLength\":4}", "{\"type\":\"string\",\"minLength\":40}",
            "{\"type\":\"string\",\"maxLength\":0}", "{\"type\":\"string\",\"format\":\"date-time\"}",
            "{\"type\":\"string\",\"format\":\"date\"}", "{\"type\":\"string\",\"format\":\"time\"}",
            "{\"type\":\"string\",\"format\":\"duration\"}", "{\"type\":\"string\",\"format\":\"email\"}",
            "{\"type\":\"string\",\"format\":\"hostname\"}", "{\"type\":\"string\",\"format\":\"ipv4\"}",
            "{\"type\":\"string\",\"format\":\"ipv6\"}", "{\"type\":\"string\",\"format\":\"uuid\"}",
            "{\"type\":\"string\",\"format\":\"uri\"}", "{\"type\":\"string\",\"pattern\":\"^[a-z0-9-]+$\"}",
            "{\"type\":\"string\",\"pattern\":\"^\\\\d{3}-\\\\d{4}$\"}",
            "{\"type\":\"string\",\"pattern\":\"^(?:\\\\+1|00)[2-9](x|y)*\\\\.?$\"}",
            "{\"type\":\"string\",\"pattern\":\"^[^\\\\w\\\\]]\\\\w+@(?<host>[A-Z]{2,})\\\\.$\"}",
            "{\"type\":\"string\",\"pattern\":\"^\\\\p{Lu}+?\\\\u0041{2}\\\\x42$\"}",
            "{\"type\":\"integer\",\"minimum\":7}",
            "{\"type\":\"integer\",\"exclusiveMinimum\":7}", "{\"type\":\"integer\",\"maximum\":-7}",
            "{\"type\":\"integer\",\"exclusiveMaximum\":0}", "{\"type\":\"integer\",\"multipleOf\":5,\"minimum\":11}",
            "{\"type\":\"number\",\"minimum\":0.2,\"maximum\":0.4}", "{\"type\":\"number\",\"multipleOf\":0.1}",
            "{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":1}", "{\"minimum\":1e300}",
            "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":3,\"uniqueItems\":true}",
            "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"uuid\"},\"minItems\":2,\"uniqueItems\":true}",
            "{\"type\":\"array\",\"items\":{\"enum\":[\"a\",\"b\"]},\"minItems\":2,\"uniqueItems\":true}",
            "{\"type\":\"array\",\"maxItems\":0}",
            "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"null\"}],\"items\":false,\"minItems\":2}",
            "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}",
            "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"},\"minProperties\":3}",
            "{\"required\":[\"a\"],\"additionalProperties\":{\"type\":\"integer\"}}",
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"additionalProperties\":false}",
            "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}",
            "{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"a\"}},\"required\":[\"k\"]},"
                    + "{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"b\"}},\"required\":[\"k\"]}]}",
            "{\"allOf\":[{\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]},"
                    + "{\"properties\":{\"b\":{\"type\":\"boolean\"}},\"required\":[\"b\"]}]}",
            "{\"type\":\"object\",\"required\":[\"c\"],\"properties\":{\"c\":{\"type\":\"string\"}},"
                    + "\"anyOf\":[{\"properties\":{\"d\":{\"type\":\"integer\"}},\"required\":[\"d\"]}]}",
            "{\"definitions\":{\"a\":{\"type\":\"integer\"}},\"$ref\":\"#/definitions/a\"}", TREE, EXPRESSION})
    void fitsItsSchema(String schema) {
        String example = example(schema);
        assertThat(validator(schema).validate(example, InputFormat.JSON)).as(example).isEmpty();
        assertThat(example(schema)).isEqualTo(example);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"$ref\":\"#\"}", "{\"anyOf\":[{\"$ref\":\"#\"}]}", "{\"allOf\":[{\"$ref\":\"#\"}]}",
            "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
            "{\"properties\":{\"a\":{\"$ref\":\"#\"},\"b\":{\"$ref\":\"#\"}},\"required\":[\"a\",\"b\"]}",
            "{\"type\":\"array\",\"minItems\":2000000000}", "{\"minProperties\":2000000000}",
            "{\"$ref\":\"#/nowhere\"}", "{\"$ref\":\"https://example.com\"}", "{\"type\":7,\"enum\":{}}",
            "{\"type\":\"string\",\"minLength\":2000000000}", "{\"type\":\"string\",\"pattern\":\"^(\"}",
            "{\"type\":\"string\",\"pattern\":\"[\"}", "{\"type\":\"string\",\"pattern\":\"^x{999999999}$\"}",
            "{\"type\":\"string\",\"pattern\":\"^\\\\\"}", "{\"type\":\"string\",\"pattern\":\"^(?=b)a$\"}",
            "{\"type\":\"string\",\"pattern\":\"(?<a\"}", "{\"type\":\"string\",\"pattern\":\"\\\\p{\"}",
            "{\"type\":\"string\",\"pattern\":\"x{3\"}"})
    void whatNothingFitsEndsAllTheSame(String schema) {
        assertThat(example(schema)).isNotEmpty();
    }

    @Test
    void recursionIsBounded() {
        assertThat(example(TREE).length()).isBetween(100, 1_000_000);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"type\":\"string\"} | \"answer-0123456789abcdef\"",
            "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]} | 1", "{\"type\":\"number\"} | 1",
            "{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":1} | 0.5",
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}} | {\"a\":1}"})
    void saysWhatAReaderWouldExpect(String schema, String expected) {
        assertThat(example(schema)).isEqualTo(expected);
    }
}
