package sluice.metrics;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.vertx.core.MultiMap;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;
import sluice.time.Time;

/**
 * A call that is traced. Names follow OpenTelemetry's conventions for HTTP and, on attempts, for generative AI; the span of
 * an attempt that is answered ends with the last byte of its answer, and carries the tokens that it used.
 */
final class SpannedCall implements CallTrace {
    private static final TextMapSetter<MultiMap> HEADERS = (headers, name, value) -> {
        if (headers != null) {
            headers.set(name, value);
        }
    };

    private final Tracer tracer;
    private final Span call;
    private final Journal journal;
    private final Time time;
    private @Nullable Span attempt;
    private @Nullable Span relay;

    SpannedCall(Tracer tracer, Span call, Journal journal, Time time) {
        this.tracer = tracer;
        this.call = call;
        this.journal = journal;
        this.time = time;
    }

    @Override
    public void waited(long nanos) {
        if (nanos > 0) {
            Instant now = time.now();
            tracer.spanBuilder("wait").setParent(within(call)).setStartTimestamp(now.minusNanos(nanos)).startSpan()
                    .end(now);
        }
    }

    @Override
    public void sent(MultiMap headers) {
        String operation = operation(journal.endpoint);
        Span sent = tracer.spanBuilder(journal.model.isEmpty() ? operation : operation + ' ' + journal.model)
                .setSpanKind(SpanKind.CLIENT).setParent(within(call)).startSpan();
        sent.setAttribute("gen_ai.operation.name", operation);
        sent.setAttribute("gen_ai.provider.name", "openai");
        if (!journal.model.isEmpty()) {
            sent.setAttribute("gen_ai.request.model", journal.model);
        }
        sent.setAttribute("sluice.account", journal.account);
        if (journal.attempts > 1) {
            sent.setAttribute("http.request.resend_count", journal.attempts - 1L);
        }
        W3CTraceContextPropagator.getInstance().inject(within(sent), headers, HEADERS);
        attempt = sent;
    }

    @Override
    public void failed(String why) {
        if (attempt != null) {
            attempt.setAttribute("error.type", why).setStatus(StatusCode.ERROR).end();
            attempt = null;
        }
    }

    @Override
    public void relaying() {
        Span parent = attempt == null ? call : attempt;
        relay = tracer.spanBuilder("relay").setParent(within(parent)).startSpan();
    }

    @Override
    public void over() {
        if (relay != null) {
            relay.setAttribute("sluice.bytes", journal.bytesOut);
            relay.setAttribute("sluice.blocked_ms", journal.blockedNanos / 1e6);
            relay.end();
        }
        if (attempt != null) {
            answered(attempt);
        }
        call.setAttribute("http.request.method", journal.method);
        call.setAttribute("http.route", journal.endpoint);
        call.setAttribute("http.response.status_code", journal.status);
        call.setAttribute("client.address", journal.client);
        call.setAttribute("sluice.request_id", journal.id);
        call.setAttribute("sluice.tenant", journal.tenant);
        call.setAttribute("sluice.outcome", journal.outcome.label());
        text(call, "sluice.cache", journal.cache);
        text(call, "sluice.error_code", journal.code);
        text(call, "gen_ai.request.model", journal.model);
        if (journal.status >= 500) {
            call.setAttribute("error.type", Integer.toString(journal.status)).setStatus(StatusCode.ERROR);
        }
        call.end();
    }

    private void answered(Span span) {
        span.setAttribute("http.response.status_code", journal.status);
        text(span, "openai.request_id", journal.upstreamId);
        Usage usage = journal.usage;
        if (usage != null) {
            span.setAttribute("gen_ai.usage.input_tokens", usage.input());
            span.setAttribute("gen_ai.usage.output_tokens", usage.output());
            span.setAttribute("gen_ai.usage.cache_read.input_tokens", usage.cached());
        }
        if (journal.outcome != Journal.Outcome.ANSWERED) {
            span.setAttribute("error.type", journal.status >= 400
                    ? Integer.toString(journal.status)
                    : journal.outcome.label()).setStatus(StatusCode.ERROR);
        }
        span.end();
    }

    private static void text(Span span, String name, String value) {
        if (!value.isEmpty()) {
            span.setAttribute(name, value);
        }
    }

    private static Context within(Span span) {
        return Context.root().with(span);
    }

    /** The conventions' own words where they have one, else ours. */
    private static String operation(String endpoint) {
        return switch (endpoint) {
            case "chat_completions", "responses" -> "chat";
            case "completions" -> "text_completion";
            default -> endpoint;
        };
    }
}
