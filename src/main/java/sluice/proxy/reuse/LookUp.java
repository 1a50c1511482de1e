package sluice.proxy.reuse;

import io.vertx.core.Future;
import java.util.Optional;
import sluice.cache.AnswerCache;
import sluice.cache.AnswerCache.Scope;
import sluice.cache.Cacheability;
import sluice.cache.PromptKey;
import sluice.net.HeaderLines;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Found;
import sluice.proxy.Exchange.Hit;
import sluice.proxy.Exchange.Miss;
import sluice.proxy.Stage;
import sluice.proxy.body.BodyWork;
import sluice.proxy.body.HeldBody;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;

/** Looks for a cached answer to an identical prompt. */
public final class LookUp implements Stage<Ask, Found> {
    private final AnswerCache cache;
    private final BodyWork work;

    public LookUp(AnswerCache cache, BodyWork work) {
        this.cache = cache;
        this.work = work;
    }

    @Override
    public Future<Found> apply(Ask ask) {
        if (!(ask.body() instanceof HeldBody body) || ask.cacheControl().noStore()
                || !Cacheability.allows(ask.caching().mode(), ask.endpoint(), body.envelope(), ask.model())) {
            return miss(new Miss(ask, Optional.empty()));
        }
        byte[] bytes = body.bytes();
        return Stage.then(work.on(bytes.length, () -> key(ask, body, bytes)), key -> find(ask, key));
    }

    private Future<Found> find(Ask ask, PromptKey key) {
        Optional<AnswerCache.Found> found = cache.find(key, ask.cacheControl());
        return found.isPresent()
                ? Future.succeededFuture(new Hit(ask, found.get()))
                : miss(new Miss(ask, Optional.of(key)));
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
