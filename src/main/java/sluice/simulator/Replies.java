package sluice.simulator;

import io.vertx.core.Vertx;
import java.util.OptionalInt;
import java.util.function.Supplier;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Reply;

/** Writes replies: streams at their pace, and cut where a fault says so. */
final class Replies {
    private final Vertx vertx;
    private final Simulator.Settings settings;
    private final Supplier<Faults> faults;
    private final Dice dice;

    Replies(Vertx vertx, Simulator.Settings settings, Supplier<Faults> faults, Dice dice) {
        this.vertx = vertx;
        this.settings = settings;
        this.faults = faults;
        this.dice = dice;
    }

    void give(Reply reply, Exchange exchange) {
        switch (reply) {
            case Reply.Whole whole -> exchange.answer(whole);
            case Reply.Streamed streamed -> stream(streamed, exchange);
            case Reply.Download download -> send(download, exchange);
        }
    }

    private void stream(Reply.Streamed streamed, Exchange exchange) {
        exchange.head(200, streamed.contentType());
        exchange.response().headers().set("cache-control", "no-cache");
        exchange.response().setChunked(true);
        long interval = exchange.header("x-simulator-chunk-interval-ms")
                .orElse((int) settings.chunkInterval().toMillis());
        write(streamed.isEvents()
                ? EventLines.wanted(exchange.request().headers()).of(streamed.pieces())
                : streamed.pieces(),
                interval, exchange);
    }

    private void send(Reply.Download download, Exchange exchange) {
        exchange.head(200, download.contentType());
        exchange.response().headers().set("content-length", String.valueOf(download.size()));
        write(download.pieces(), 0, exchange);
    }

    private void write(EventSequence pieces, long intervalMillis, Exchange exchange) {
        Faults now = faults.get();
        OptionalInt cut = exchange.header("x-simulator-cut-after");
        new EventWriter(vertx, exchange, pieces, intervalMillis,
                cut.isPresent() ? EventWriter.Ending.BROKEN : ending(now), cut.orElse(now.cutAfterChunks())).start();
    }

    private EventWriter.Ending ending(Faults now) {
        if (dice.happens(now.cutRate())) {
            return EventWriter.Ending.BROKEN;
        }
        return dice.happens(now.cleanCutRate()) ? EventWriter.Ending.WITHOUT_END_MARK : EventWriter.Ending.WHOLE;
    }
}
