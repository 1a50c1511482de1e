package sluice.testing;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Stands for an OpenTelemetry collector: takes spans by OTLP over HTTP and keeps them. */
public final class Collector {

    /** A span as it arrived; ids in hexadecimal, empty where there is none. */
    public record Received(String name, String kind, String trace, String id, String parent, long beganNanos,
            long endedNanos, Map<String, String> attributes, boolean failed) {}

    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final Map<String, String> resource = new TreeMap<>();

    private volatile @Nullable MultiMap headers;

    private Collector(Vertx vertx) {
        server = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> take(request, body)));
        server.listen(0, "127.0.0.1").await();
    }

    /** Listens on a free port. */
    public static Collector start(Vertx vertx) {
        return new Collector(vertx);
    }

    public int port() {
        return server.actualPort();
    }

    /** All spans so far. */
    public List<Received> spans() {
        return List.copyOf(spans);
    }

    /** What it says of who sent them. */
    public Map<String, String> resource() {
        return Map.copyOf(resource);
    }

    /** A header of the last export; null if there was none. */
    public @Nullable String header(String name) {
        MultiMap last = headers;
        return last == null ? null : last.get(name);
    }

    /** Everything that arrived, as text. */
    public String everything() {
        return String.join("\n", bodies);
    }

    private void take(HttpServerRequest request, Buffer body) {
        if (!"/v1/traces".equals(request.path())) {
            request.response().setStatusCode(404).end();
            return;
        }
        headers = request.headers();
        try {
            ExportTraceServiceRequest export = ExportTraceServiceRequest.parseFrom(body.getBytes());
            bodies.add(export.toString());
            export.getResourceSpansList().forEach(of -> {
                of.getResource().getAttributesList()
                        .forEach(attribute -> resource.put(attribute.getKey(), text(attribute.getValue())));
                of.getScopeSpansList().forEach(scope -> scope.getSpansList().forEach(span -> spans.add(read(span))));
            });
            request.response().putHeader("content-type", "application/x-protobuf")
                    .end(Buffer.buffer(ExportTraceServiceResponse.getDefaultInstance().toByteArray()));
        } catch (InvalidProtocolBufferException malformed) {
            request.response().setStatusCode(400).end();
        }
    }

    private static Received read(Span span) {
        Map<String, String> attributes = new TreeMap<>();
        span.getAttributesList().forEach(each -> attributes.put(each.getKey(), text(each.getValue())));
        return new Received(span.getName(), span.getKind().name().replace("SPAN_KIND_", ""),
                HexFormat.of().formatHex(span.getTraceId().toByteArray()),
                HexFormat.of().formatHex(span.getSpanId().toByteArray()),
                HexFormat.of().formatHex(span.getParentSpanId().toByteArray()), span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(), attributes, span.getStatus().getCodeValue() == 2);
    }

    private static String text(AnyValue value) {
        return switch (value.getValueCase()) {
            case INT_VALUE -> Long.toString(value.getIntValue());
            case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
            default -> value.getStringValue();
        };
    }
}
