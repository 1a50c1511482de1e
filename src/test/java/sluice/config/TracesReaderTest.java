package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.metrics.Tracing;
import sluice.yaml.InvalidConfig;

class TracesReaderTest {
    private static final String ACCOUNT = "upstream: { accounts: [{ name: main, keys: [\"${KEY}\"] }] }\n";

    private final Map<String, String> environment = new HashMap<>(Map.of("KEY", "sk-upstream-0123456789"));

    private GatewayConfig read(String yaml) throws InvalidConfig {
        return ConfigReader.parse(ACCOUNT + yaml, environment::get);
    }

    @Test
    void standardVariablesSendTracesToACollector() throws InvalidConfig {
        environment.putAll(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.internal:4318/", //
                "OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=se%20cret, x-team = search", //
                "OTEL_SERVICE_NAME", "sluice-eu", "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=prod"));

        Optional<Tracing.Settings> traces = read("").traces();

        assertThat(traces).contains(new Tracing.Settings(URI.create("https://collector.internal:4318/v1/traces"), 1,
                Map.of("x-api-key", "se cret", "x-team", "search"),
                Map.of("deployment.environment", "prod", "service.name", "sluice-eu")));
        assertThat(traces.toString()).doesNotContain("se cret");
    }

    @Test
    void fileComesBeforeTheEnvironment() throws InvalidConfig {
        environment.putAll(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other:4318", //
                "OTEL_EXPORTER_OTLP_HEADERS", "a=b"));

        GatewayConfig config = read(
                "traces: { otlp-endpoint: \"http://collector:4318\", sample: 5%, headers: { x: \"${KEY}\" } }");

        assertThat(config.traces()).contains(new Tracing.Settings(URI.create("http://collector:4318/v1/traces"), 0.05,
                Map.of("x", "sk-upstream-0123456789"), Map.of()));
        assertThat(config.effective().yaml()).contains("x: '[redacted]'").doesNotContain("sk-upstream");
    }

    @Test
    void addressForTracesAloneIsTakenAsItIs() throws InvalidConfig {
        environment.put("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/custom");
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other:4318");

        assertThat(read("").traces().orElseThrow().endpoint()).hasToString("http://collector:4318/custom");
    }

    @Test
    void tracesCanBeSwitchedOffByTheStandardVariable() throws InvalidConfig {
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        environment.put("OTEL_SDK_DISABLED", "true");

        assertThat(read("").traces()).isEmpty();
    }

    @Test
    void otherProtocolIsWarnedOf() throws InvalidConfig {
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317");
        environment.put("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");

        assertThat(read("").warnings()).anyMatch(warning -> warning.contains("http/protobuf"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"OTEL_EXPORTER_OTLP_ENDPOINT | collector:4317",
            "OTEL_EXPORTER_OTLP_ENDPOINT | http://user:password@collector",
            "OTEL_EXPORTER_OTLP_HEADERS | nothing", "OTEL_EXPORTER_OTLP_HEADERS | a=%zz",
            "OTEL_RESOURCE_ATTRIBUTES | =x"})
    void malformedVariableIsNamedWithoutItsValue(String name, String value) {
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        environment.put(name, value);

        assertThatThrownBy(() -> read("")).isInstanceOf(InvalidConfig.class).hasMessageContaining(name)
                .hasMessageNotContaining(value.replaceFirst("^=", "value"));
    }
}
