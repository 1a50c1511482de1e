package sluice.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sluice.time.Time;

/** The way of a call: its key, its JSON, the limits, what goes wrong on purpose, the answer. */
final class ModelCalls {
    private static final int CHUNKS_MAX = 1_000_000;
    private static final int EVENTS_MAX = 1_000_000_000;

    private final Vertx vertx;
    private final Simulator.Settings settings;
    private final Accounts accounts;
    private final Supplier<Faults> faults;
    private final Statistics statistics;
    private final Time time;
    private final Random random;

    ModelCalls(Vertx vertx, Simulator.Settings settings, Accounts accounts, Supplier<Faults> faults,
            Statistics statistics, Time time) {
        this.vertx = vertx;
        this.settings = settings;
        this.accounts = accounts;
        this.faults = faults;
        this.statistics = statistics;
        this.time = time;
        this.random = new Random(settings.seed());
    }

    /** Answers a call. The engine is the model of a legacy path. */
    void take(Endpoint endpoint, @Nullable String engine, Exchange exchange) {
        exchange.body(bytes -> {
            try {
                take(endpoint, engine, exchange, bytes);
            } catch (BadCall refused) {
                exchange.fail(refused.answer());
            }
        });
    }

    private void take(Endpoint endpoint, @Nullable String engine, Exchange exchange, Buffer bytes) {
        Faults now = faults.get();
        Accounts.Member member = accounts.authenticate(exchange, now);
        Call call = CallReader.read(endpoint, engine, bytes);
        if (now.insufficientQuota().contains(member.account().name())) {
            throw new BadCall(ApiError.insufficientQuota());
        }
        int status = injectedStatus(exchange, now);
        if (status == 429) {
            throw new BadCall(ApiError.injected(status, call.model()));
        }
        charge(call, member, exchange);
        if (now.hang()) {
            return;
        }
        long latency = latencyMillis(exchange, now);
        if (latency == 0) {
            finish(call, status, exchange, now);
        } else {
            exchange.after(latency, vertx, () -> finish(call, status, exchange, now));
        }
    }

    private void finish(Call call, int status, Exchange exchange, Faults now) {
        if (status >= 400) {
            exchange.fail(ApiError.injected(status, call.model()));
        } else {
            answer(call, exchange, now);
        }
    }

    private void charge(Call call, Accounts.Member member, Exchange exchange) {
        long now = time.nanos();
        Quotas.Decision decision = member.quotas().decide(call.model(), call.tokensCharged(), now);
        RateLimitAnswer.putHeaders(decision.levels(), exchange.response().headers());
        String organization = member.account().organization();
        switch (decision) {
            case Quotas.Granted granted -> statistics.accept(member.account().name(), now);
            case Quotas.Refused refused ->
                throw new BadCall(RateLimitAnswer.of(refused, call.model(), organization));
            case Quotas.TooLarge tooLarge ->
                throw new BadCall(RateLimitAnswer.of(tooLarge, call.model(), organization));
        }
    }

    private void answer(Call call, Exchange exchange, Faults now) {
        int chunks = Math.clamp(exchange.header("x-simulator-chunks").orElse(settings.chunks()), 1, CHUNKS_MAX);
        Generated answer = Generated.answer(call, time.now().getEpochSecond(),
                Math.max(chunks, settings.chunks()),
                Optional.ofNullable(exchange.request().getHeader("x-simulator-finish-reason")));
        if (call.stream()) {
            stream(answer, chunks, exchange, now);
        } else {
            exchange.answer(Answers.of(answer));
        }
    }

    private void stream(Generated answer, int chunks, Exchange exchange, Faults now) {
        OptionalInt cut = exchange.header("x-simulator-cut-after");
        long interval = exchange.header("x-simulator-chunk-interval-ms")
                .orElse((int) settings.chunkInterval().toMillis());
        exchange.head(200, "text/event-stream; charset=utf-8");
        exchange.response().headers().set("cache-control", "no-cache");
        new EventWriter(vertx, exchange,
                EventSequence.of(answer, Math.min(chunks, EVENTS_MAX / answer.choices().size())), interval,
                cut.isPresent() ? EventWriter.Ending.BROKEN : ending(now), cut.orElse(now.cutAfterChunks())).start();
    }

    private EventWriter.Ending ending(Faults now) {
        if (happens(now.cutRate())) {
            return EventWriter.Ending.BROKEN;
        }
        return happens(now.cleanCutRate()) ? EventWriter.Ending.WITHOUT_END_MARK : EventWriter.Ending.WHOLE;
    }

    /** The status that the request wants or that befalls it; below 400 nothing goes wrong. */
    private int injectedStatus(Exchange exchange, Faults now) {
        OptionalInt wanted = exchange.header("x-simulator-status");
        if (wanted.isPresent()) {
            return Math.min(wanted.getAsInt(), 599);
        }
        return happens(now.errorRate()) ? now.errorStatus() : 200;
    }

    private boolean happens(double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }

    private long latencyMillis(Exchange exchange, Faults now) {
        return now.slow().toMillis()
                + exchange.header("x-simulator-latency-ms").orElse((int) settings.latency().toMillis());
    }
}
