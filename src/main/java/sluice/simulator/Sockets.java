package sluice.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.simulator.answers.Cost;
import sluice.simulator.answers.Manner;
import sluice.simulator.answers.Parameters;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.time.Time;

/** The WebSockets: Responses, and realtime and live sessions. */
final class Sockets {
    private static final String REALTIME = "/v1/realtime";
    private static final String TRANSLATIONS = "/v1/realtime/translations";
    private static final String RESPONSES = "/v1/responses";
    private static final Pattern LIVE = Pattern.compile("/v1/live/sessions(?:/(?<id>[^/]+)/(?<deed>attach|fork))?");

    private final Vertx vertx;
    private final Simulator.Settings settings;
    private final Accounts accounts;
    private final Till till;
    private final Supplier<Faults> faults;
    private final Statistics statistics;
    private final Time time;

    Sockets(Vertx vertx, Simulator.Settings settings, Accounts accounts, Till till, Supplier<Faults> faults,
            Statistics statistics, Time time) {
        this.vertx = vertx;
        this.settings = settings;
        this.accounts = accounts;
        this.till = till;
        this.faults = faults;
        this.statistics = statistics;
        this.time = time;
    }

    /** Accepts a client with a valid key, or rejects it with the error's status. */
    void open(ServerWebSocketHandshake handshake) {
        statistics.arrived();
        statistics.received(ReceivedRequest.of("GET", handshake.uri(), handshake.headers(), Buffer.buffer()));
        try {
            Accounts.Member member = accounts.authenticate(handshake.headers().get("authorization"), faults.get());
            String model = model(handshake);
            statistics.answered(101);
            statistics.served(route(handshake.path()));
            handshake.accept().onSuccess(socket -> begin(socket, member, model))
                    .onFailure(gone -> statistics.ended(true));
        } catch (BadCall refused) {
            statistics.answered(refused.answer().status());
            statistics.ended(false);
            handshake.reject(refused.answer().status());
        }
    }

    /** The model of a realtime session, named in its URL; responses name their own. */
    private static String model(ServerWebSocketHandshake handshake) {
        return switch (handshake.path()) {
            case REALTIME, TRANSLATIONS -> Parameters.model(query(handshake.query(), "model"));
            case RESPONSES -> "";
            case String path when LIVE.matcher(path).matches() -> "";
            default -> throw new BadCall(ApiError.notFound("WebSocket", handshake.path()));
        };
    }

    private static String route(String path) {
        Matcher live = LIVE.matcher(path);
        return "WEBSOCKET " + (live.matches() && live.group("deed") != null
                ? "/live/sessions/{}/" + live.group("deed")
                : path.substring("/v1".length()));
    }

    private static @Nullable String query(@Nullable String query, String name) {
        for (String pair : query == null ? new String[0] : query.split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return null;
    }

    private void begin(ServerWebSocket socket, Accounts.Member member, String model) {
        socket.closeHandler(closed -> statistics.ended(false));
        socket.exceptionHandler(broken -> {});
        Frames frames = new Frames(vertx, socket, settings.chunkInterval().toMillis());
        Meter meter = new Meter(till, member, faults);
        Consumer<JsonObject> session = switch (socket.path()) {
            case REALTIME, TRANSLATIONS -> new RealtimeSession(frames, meter, model, settings.chunks());
            case RESPONSES -> new ResponsesSocket(vertx, socket, settings.chunkInterval().toMillis(), meter,
                    member.stored(), this::manner);
            default -> live(socket.path(), new LiveSession(frames, meter, settings.chunks(),
                    () -> time.now().getEpochSecond()));
        };
        socket.textMessageHandler(text -> take(text, session, frames));
    }

    /** A new session, or one that goes on. */
    private static LiveSession live(String path, LiveSession session) {
        Matcher of = LIVE.matcher(path);
        if (of.matches() && "attach".equals(of.group("deed"))) {
            session.attach(of.group("id"));
        } else if (of.matches() && "fork".equals(of.group("deed"))) {
            session.inherit();
        }
        return session;
    }

    private Manner manner() {
        return new Manner(time.now().getEpochSecond(), settings.chunks(), settings.chunks(), Optional.empty());
    }

    private void take(String text, Consumer<JsonObject> session, Frames frames) {
        statistics.frame(text);
        try {
            session.accept(new JsonObject(text));
        } catch (BadCall refused) {
            frames.fail(refused.answer());
        } catch (DecodeException | ClassCastException notUnderstood) {
            frames.fail(ApiError.unparsable());
        }
    }

    /** Charges the calls of one socket; throws {@link BadCall} if the limits refuse one. */
    record Meter(Till till, Accounts.Member member, Supplier<Faults> faults) {
        Quotas.Decision charge(Cost cost) {
            if (faults.get().insufficientQuota().contains(member.account().name())) {
                throw new BadCall(Refusals.insufficientQuota());
            }
            Quotas.Decision decision = till.charge(cost, member);
            RateLimitAnswer.refusal(decision, cost.model(), member.account().organization()).ifPresent(error -> {
                throw new BadCall(error);
            });
            return decision;
        }
    }
}
