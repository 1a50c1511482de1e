package sluice.config;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluice.metrics.Tracing;
import sluice.yaml.Parser;
import sluice.yaml.Redaction;
import sluice.yaml.Secret;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code traces}; OpenTelemetry's standard variables apply where the file is silent. */
final class TracesReader {
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern PAIR = Pattern.compile("(?<key>" + HEADER + ")\\s*=\\s*(?<value>.*)");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]+");
    private static final String PATH = "/v1/traces";
    /** The address of a collector, without a path: each signal has its own. */
    private static final Parser<URI> COLLECTOR = Parser.of(Pattern.compile("https?://[^/?#@]+/?"),
            text -> Values.url(text.endsWith("/") ? text.substring(0, text.length() - 1) : text,
                    url -> Values.isWeb(url) && url.getRawPath().isEmpty() && url.getUserInfo() == null
                            && url.getQuery() == null && url.getFragment() == null,
                    "an address without a path, such as http://collector.internal:4318"));

    private final Section traces;

    private TracesReader(Section traces) {
        this.traces = traces;
    }

    /** Empty if neither the file nor the environment names a collector. */
    static Optional<Tracing.Settings> read(Section traces) {
        return new TracesReader(traces).settings();
    }

    private Optional<Tracing.Settings> settings() {
        double sample = traces.share("sample", 0, 1, 1);
        Section section = traces.section("headers");
        Map<String, String> headers = headers(section);
        Optional<URI> endpoint = traces.optional("otlp-endpoint", COLLECTOR)
                .map(base -> URI.create(base + PATH)).or(this::environment);
        if (endpoint.isEmpty()) {
            return Optional.empty();
        }
        if (headers.isEmpty()) {
            headers = pairs("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS");
        }
        Map<String, String> attributes = new LinkedHashMap<>(pairs("OTEL_RESOURCE_ATTRIBUTES"));
        variable("OTEL_SERVICE_NAME").ifPresent(name -> attributes.put("service.name", name));
        return Optional.of(new Tracing.Settings(endpoint.get(), sample, headers, attributes));
    }

    private Map<String, String> headers(Section section) {
        Map<String, String> headers = new LinkedHashMap<>();
        section.namedEntries().forEach((name, entry) -> {
            entry.takes(() -> Map.of("type", "string", "minLength", 1));
            if (!HEADER.matcher(name).matches()) {
                entry.refuse(Redaction.shown(name), "the name of a header");
                return;
            }
            entry.secretText().ifPresent(text -> Secret.textOf(entry, text).ifPresent(value -> {
                if (VALUE.matcher(value).matches()) {
                    Secret.warn(entry, text, new Secret(value));
                    headers.put(name, value);
                    section.show(name, Redaction.MARK);
                } else {
                    entry.refuseSecret("visible ASCII characters and spaces, in one line");
                }
            }));
        });
        return headers;
    }

    private Optional<URI> environment() {
        if (variable("OTEL_SDK_DISABLED").filter("true"::equalsIgnoreCase).isPresent()) {
            return Optional.empty();
        }
        Optional<URI> endpoint = address("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
                .or(() -> address("OTEL_EXPORTER_OTLP_ENDPOINT", PATH));
        if (endpoint.isPresent() && variable("OTEL_EXPORTER_OTLP_PROTOCOL").filter("grpc"::equals).isPresent()) {
            traces.warn("otlp-endpoint", "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, but traces are sent as http/protobuf;"
                    + " give the collector's port for HTTP, usually 4318");
        }
        endpoint.ifPresent(found -> traces.show("otlp-endpoint", found.toString()));
        return endpoint;
    }

    private Optional<URI> address(String name, String path) {
        return variable(name).flatMap(text -> {
            try {
                return Optional.of(Values.url(text.replaceFirst("/+$", "") + path,
                        url -> Values.isWeb(url) && url.getUserInfo() == null,
                        "an address such as http://collector.internal:4318"));
            } catch (Unacceptable notOne) {
                traces.refuse("otlp-endpoint", name + " is not a web address", notOne.expected());
                return Optional.empty();
            }
        });
    }

    /** The first of these variables that is set, as {@code key=value} pairs, percent-encoded and separated by commas. */
    private Map<String, String> pairs(String... names) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String name : names) {
            Optional<String> set = variable(name);
            if (set.isPresent()) {
                for (String pair : set.get().split(",", -1)) {
                    add(name, pair, pairs);
                }
                return pairs;
            }
        }
        return pairs;
    }

    private void add(String name, String pair, Map<String, String> pairs) {
        Matcher parts = PAIR.matcher(pair.strip());
        try {
            String value = parts.matches() ? Values.decoded(parts.group("value")) : "";
            if (VALUE.matcher(value).matches()) {
                pairs.put(parts.group("key"), value);
                return;
            }
        } catch (IllegalArgumentException notEncoded) {
            // As malformed as anything else.
        }
        traces.refuse("headers", "a malformed pair in " + name, "key=value, several with commas");
    }

    private Optional<String> variable(String name) {
        return traces.variable(name).filter(value -> !value.isBlank());
    }
}
