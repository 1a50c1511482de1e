package sluice.metrics;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.common.Clock;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.MultiMap;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sluice.time.Time;

/**
 * Starts call traces and exports them to a collector by OTLP over HTTP, on its own thread. Without a configured
 * collector, nothing is traced.
 */
public final class Tracing {

    /**
     * Where traces go.
     *
     * @param endpoint   where the collector takes traces
     * @param sample     the share of calls to trace where the caller has not decided, 0 to 1
     * @param headers    sent with every export; secrets
     * @param attributes of this service, in addition to its name and version, which they may override
     */
    public record Settings(URI endpoint, double sample, Map<String, String> headers, Map<String, String> attributes) {

        public Settings {
            headers = Map.copyOf(headers);
            attributes = Map.copyOf(attributes);
        }

        @Override
        public String toString() {
            return "Settings[endpoint=" + endpoint + ", sample=" + sample + ", headers=" + headers.keySet()
                    + ", attributes=" + attributes + "]";
        }
    }

    private static final int LONGEST_TEXT = 256;
    private static final Duration SEND_EVERY = Duration.ofSeconds(1);
    private static final TextMapGetter<MultiMap> HEADERS = (headers, name) -> headers == null
            ? null
            : headers.get(name);

    /** What creates spans and what exports them. */
    private record Source(Tracer tracer, SdkTracerProvider provider) {}

    private final Optional<Source> source;
    private final Time time;

    private Tracing(Optional<Source> source, Time time) {
        this.source = source;
        this.time = time;
    }

    /** Exports nothing yet. */
    public static Tracing open(Optional<Settings> settings, String version, Time time) {
        return new Tracing(settings.map(to -> {
            SdkTracerProvider provider = provider(to, version, time);
            return new Source(provider.get("sluice", version), provider);
        }), time);
    }

    private static SdkTracerProvider provider(Settings to, String version, Time time) {
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder().setEndpoint(to.endpoint().toString());
        to.headers().forEach(exporter::addHeader);
        AttributesBuilder attributes = Attributes.builder().put("service.name", "sluice").put("service.version",
                version);
        to.attributes().forEach((key, value) -> attributes.put(key, value));
        return SdkTracerProvider.builder().setClock(clock(time))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(to.sample())))
                .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(LONGEST_TEXT).build())
                .setResource(Resource.getDefault().merge(Resource.create(attributes.build())))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter.build()).setScheduleDelay(SEND_EVERY).build())
                .build();
    }

    private static Clock clock(Time time) {
        return new Clock() {
            @Override
            public long now() {
                Instant now = time.now();
                return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
            }

            @Override
            public long nanoTime() {
                return time.nanos();
            }
        };
    }

    /** Starts the trace of a call, as part of the caller's trace if the headers carry one. */
    public CallTrace begin(Origin origin, MultiMap headers) {
        if (source.isEmpty()) {
            return CallTrace.OFF;
        }
        Tracer tracer = source.get().tracer();
        Context callers = W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, HEADERS);
        return new SpannedCall(tracer, tracer.spanBuilder(origin.method() + ' ' + origin.endpoint())
                .setSpanKind(SpanKind.SERVER).setParent(callers).startSpan(), origin, time);
    }

    /** Exports the remaining spans; {@code done} runs when that has succeeded or failed. */
    public void close(Runnable done) {
        if (source.isEmpty()) {
            done.run();
            return;
        }
        CompletableResultCode sent = source.get().provider().shutdown();
        sent.whenComplete(done);
    }
}
