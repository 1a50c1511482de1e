package sluice.simulator;

import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.Manner;
import sluice.simulator.objects.AskReader;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;
import sluice.time.Time;

/** Handles a call step by step: its key, its content, the limits, injected faults, the answer. */
final class ModelCalls {
    private static final int CHUNKS_MAX = 1_000_000;

    private final Vertx vertx;
    private final Simulator.Settings settings;
    private final Accounts accounts;
    private final Till till;
    private final Replies replies;
    private final Supplier<Faults> faults;
    private final Dice dice;
    private final Time time;

    ModelCalls(Vertx vertx, Simulator.Settings settings, Accounts accounts, Till till, Replies replies,
            Supplier<Faults> faults, Dice dice, Time time) {
        this.vertx = vertx;
        this.settings = settings;
        this.accounts = accounts;
        this.till = till;
        this.replies = replies;
        this.faults = faults;
        this.dice = dice;
        this.time = time;
    }

    /** Answers a call. */
    void take(AskReader reader, Map<String, String> params, Exchange exchange) {
        exchange.body(body -> {
            try {
                take(reader, params, exchange, body);
            } catch (BadCall refused) {
                exchange.fail(refused.answer());
            }
        });
    }

    private void take(AskReader reader, Map<String, String> params, Exchange exchange, Body body) {
        Faults now = faults.get();
        Accounts.Member member = accounts.authenticate(exchange, now);
        Ask ask = reader.read(member.visit(exchange, params, body, time.now().getEpochSecond()));
        if (now.insufficientQuota().contains(member.account().name())) {
            throw new BadCall(Refusals.insufficientQuota());
        }
        if (ask.serviceTier().equals("flex") && dice.happens(now.flexUnavailableRate())) {
            throw new BadCall(InjectedErrors.resourceUnavailable());
        }
        int status = injectedStatus(exchange, now);
        Optional<ApiError> wanted = InjectedErrors.wanted(status, exchange.request().headers());
        if (wanted.isPresent()) {
            throw new BadCall(wanted.get());
        }
        if (status == 429) {
            throw new BadCall(InjectedErrors.of(status, ask.model()));
        }
        charge(ask, member, exchange);
        if (now.hang()) {
            return;
        }
        long latency = latencyMillis(exchange, now);
        if (latency == 0) {
            finish(ask, status, exchange);
        } else {
            exchange.after(latency, vertx, () -> finish(ask, status, exchange));
        }
    }

    private void finish(Ask ask, int status, Exchange exchange) {
        if (status >= 400) {
            exchange.fail(InjectedErrors.of(status, ask.model()));
        } else {
            replies.give(ask.reply(manner(exchange)), exchange);
        }
    }

    private void charge(Ask ask, Accounts.Member member, Exchange exchange) {
        Quotas.Decision decision = till.charge(ask, member);
        RateLimitAnswer.putHeaders(decision.levels(), exchange.response().headers());
        RateLimitAnswer.refusal(decision, ask.model(), member.account().organization()).ifPresent(error -> {
            throw new BadCall(error);
        });
    }

    private Manner manner(Exchange exchange) {
        int chunks = Math.clamp(exchange.header("x-simulator-chunks").orElse(settings.chunks()), 1, CHUNKS_MAX);
        return new Manner(time.now().getEpochSecond(), chunks, Math.max(chunks, settings.chunks()),
                Optional.ofNullable(exchange.request().getHeader("x-simulator-finish-reason")));
    }

    /** The status that the request asks for or that chance picks; below 400, nothing goes wrong. */
    private int injectedStatus(Exchange exchange, Faults now) {
        OptionalInt wanted = exchange.header("x-simulator-status");
        if (wanted.isPresent()) {
            return Math.min(wanted.getAsInt(), 599);
        }
        return dice.happens(now.errorRate()) ? now.errorStatus() : 200;
    }

    private long latencyMillis(Exchange exchange, Faults now) {
        return now.slow().toMillis()
                + exchange.header("x-simulator-latency-ms").orElse((int) settings.latency().toMillis());
    }
}
