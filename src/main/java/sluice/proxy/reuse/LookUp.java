package sluice.proxy.reuse;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.cache.AnswerCache;
import sluice.cache.AnswerCache.Scope;
import sluice.cache.AnsweredCalls;
import sluice.cache.Cacheability;
import sluice.cache.PromptKey;
import sluice.cache.Repeat;
import sluice.net.HeaderLines;
import sluice.openai.EndpointClass;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Found;
import sluice.proxy.Found.Hit;
import sluice.proxy.Found.Miss;
import sluice.proxy.Stage;
import sluice.proxy.body.BodyWork;
import sluice.proxy.body.HeldBody;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;

/**
 * Looks for the answer to a call that this one repeats, and for a cached answer to an identical prompt. A call of
 * inference with a JSON body repeats another one if it carries the same {@code Idempotency-Key}.
 */
public final class LookUp implements Stage<Ask, Found> {
    private static final String KEY = "idempotency-key";
    private static final Pattern PRINTABLE = Pattern.compile("[ -~]{1,255}");

    private final AnswerCache cache;
    private final AnsweredCalls answered;
    private final BodyWork work;

    public LookUp(AnswerCache cache, AnsweredCalls answered, BodyWork work) {
        this.cache = cache;
        this.answered = answered;
        this.work = work;
    }

    @Override
    public Future<Found> apply(Ask ask) {
        String key = ask.request().header(KEY);
        return key == null || !(ask.body() instanceof HeldBody body)
                || ask.endpoint().endpointClass() != EndpointClass.INFERENCE
                        ? find(ask, Optional.empty())
                        : named(ask, key, body);
    }

    private Future<Found> named(Ask ask, String key, HeldBody body) {
        if (!PRINTABLE.matcher(key).matches() || ask.request().headers().getAll(KEY).size() > 1) {
            return Refusal.of(new Reason.BadHeader(KEY, "it once, with 1 to 255 printable characters of ASCII"));
        }
        byte[] bytes = body.bytes();
        return Stage.then(work.on(bytes.length, () -> Repeat.of(ask.declared().name(), key,
                ask.arrival().route().target(), HeaderLines.joined(ask.request().headers(), "openai-beta"), bytes,
                body.pathModel())), repeat -> find(ask, repeat));
    }

    private Future<Found> find(Ask ask, Repeat repeat) {
        Optional<AnsweredCalls.Answered> known = answered.find(repeat);
        if (known.isEmpty()) {
            return find(ask, Optional.of(repeat));
        }
        return known.get().isOf(repeat)
                ? Future.succeededFuture(new Hit(ask, known.get().found(), true))
                : Refusal.of(new Reason.KeyReused());
    }

    private Future<Found> find(Ask ask, Optional<Repeat> repeat) {
        if (!(ask.body() instanceof HeldBody body) || ask.cacheControl().noStore()
                || !Cacheability.allows(ask.caching().mode(), ask.endpoint(), body.envelope(), ask.model())) {
            return miss(new Miss(ask, Optional.empty(), repeat));
        }
        byte[] bytes = body.bytes();
        return Stage.then(work.on(bytes.length, () -> key(ask, body, bytes)), key -> find(ask, key, repeat));
    }

    private Future<Found> find(Ask ask, PromptKey key, Optional<Repeat> repeat) {
        Optional<AnswerCache.Found> found = cache.find(key, ask.cacheControl());
        return found.isPresent()
                ? Future.succeededFuture(new Hit(ask, found.get()))
                : miss(new Miss(ask, Optional.of(key), repeat));
    }

    private static Future<Found> miss(Miss miss) {
        return miss.ask().cacheControl().onlyIfCached()
                ? Refusal.of(new Reason.NotCached(), miss)
                : Future.succeededFuture(miss);
    }

    private PromptKey key(Ask ask, HeldBody body, byte[] bytes) {
        Arrival arrival = ask.arrival();
        String scope = cache.settings().scope() == Scope.SHARED ? "" : ask.declared().name();
        return PromptKey.of(scope, ask.caching().namespace(ask.cacheControl()), arrival.route().target(),
                HeaderLines.joined(arrival.request().headers(), "openai-beta"),
                bytes, body.pathModel());
    }
}
