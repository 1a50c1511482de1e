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
 * A traced call. Names follow OpenTelemetry's conventions for HTTP and, on attempts, for generative AI; the span of an
 * answered attempt ends with the last byte of the answer and carries its token usage.
 */
final class SpannedCall implements CallTrace {
    private static final TextMapSetter<MultiMap> HEADERS = (headers, name, value) -> {
        if (headers != null) {
            headers.set(name, value);
        }
    };

    private final Tracer tracer;
    private final Span call;
    private final Origin origin;
    private final Time time;
    private @Nullable Span attempt;
    private @Nullable Span relay;

    SpannedCall(Tracer tracer, Span call, Origin origin, Time time) {
        this.tracer = tracer;
        this.call = call;
        this.origin = origin;
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
    public void sent(MultiMap headers, Facts facts) {
        String operation = operation(origin.endpoint());
        Span sent = tracer.spanBuilder(facts.model().isEmpty() ? operation : operation + ' ' + facts.model())
                .setSpanKind(SpanKind.CLIENT).setParent(within(call)).startSpan();
        sent.setAttribute("gen_ai.operation.name", operation);
        sent.setAttribute("gen_ai.provider.name", "openai");
        text(sent, "gen_ai.request.model", facts.model());
        sent.setAttribute("sluice.account", facts.account());
        if (facts.attempts() > 1) {
            sent.setAttribute("http.request.resend_count", facts.attempts() - 1L);
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
    public void over(Spent spent) {
        Facts facts = spent.facts();
        Spent.Told told = spent.told();
        if (relay != null) {
            relay.setAttribute("sluice.bytes", told.bytes());
            relay.setAttribute("sluice.blocked_ms", spent.times().blocked() / 1e6);
            relay.end();
        }
        if (attempt != null) {
            answered(attempt, facts.upstreamId(), told);
        }
        call.setAttribute("http.request.method", origin.method());
        call.setAttribute("http.route", origin.endpoint());
        call.setAttribute("http.response.status_code", told.status());
        call.setAttribute("client.address", origin.client());
        call.setAttribute("sluice.request_id", origin.id());
        call.setAttribute("sluice.tenant", facts.tenant());
        call.setAttribute("sluice.outcome", told.outcome().label());
        text(call, "sluice.cache", facts.cache());
        text(call, "sluice.error_code", told.code());
        text(call, "gen_ai.request.model", facts.model());
        if (told.status() >= 500) {
            call.setAttribute("error.type", Integer.toString(told.status())).setStatus(StatusCode.ERROR);
        }
        call.end();
    }

    private static void answered(Span span, String upstreamId, Spent.Told told) {
        span.setAttribute("http.response.status_code", told.status());
        text(span, "openai.request_id", upstreamId);
        Usage usage = told.usage();
        if (usage != null) {
            span.setAttribute("gen_ai.usage.input_tokens", usage.input());
            span.setAttribute("gen_ai.usage.output_tokens", usage.output());
            span.setAttribute("gen_ai.usage.cache_read.input_tokens", usage.cached());
        }
        if (told.outcome() != Outcome.ANSWERED) {
            span.setAttribute("error.type", told.status() >= 400
                    ? Integer.toString(told.status())
                    : told.outcome().label()).setStatus(StatusCode.ERROR);
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

    /** The conventions' own name where there is one, otherwise ours. */
    private static String operation(String endpoint) {
        return switch (endpoint) {
            case "chat_completions", "responses" -> "chat";
            case "completions" -> "text_completion";
            default -> endpoint;
        };
    }
}
