package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import sluice.cache.AnswerCache;
import sluice.cache.PromptKey;
import sluice.cache.Purge;
import sluice.cache.SharedAnswers;
import sluice.cluster.Notices;
import sluice.openai.ModelGlob;

/**
 * Removes answers from the cache of this replica and, by a notice, from that of every other. A replica that has lost the
 * store follows once it is back, up to an hour later. In the second tier an answer that is named by its key alone is removed.
 * Of other purges replicas are told for as long as older answers may stay there, and remove those that they come across.
 */
public final class CachePurges {
    private static final String PURGE = "purge/";
    private static final Duration TOLD_FOR = Duration.ofHours(1);
    private static final String TOLD_FOR_SECONDS = "told_for_seconds";
    /** A notice may have taken this long to be told, and its remaining time to arrive. */
    private static final Duration CERTAIN = Duration.ofSeconds(2);
    private static final int MOST_TOLD = 1_000;

    private final AnswerCache cache;
    private final Optional<SharedAnswers> second;
    private final Optional<Notices> notices;
    private final Vertx vertx;
    /** The notices in effect that this replica has followed. */
    private final Set<String> followed = new HashSet<>();

    /**
     * Follows the purges of other replicas.
     *
     * @param second  the second tier of the cache, if there is one
     * @param notices of the store that replicas share, if there is one
     */
    public CachePurges(Vertx vertx, AnswerCache cache, Optional<SharedAnswers> second, Optional<Notices> notices) {
        this.vertx = vertx;
        this.cache = cache;
        this.second = second;
        this.notices = notices;
        notices.ifPresent(shared -> shared.read(this::follow));
    }

    /** Whether as many purges are being told as may be. */
    synchronized boolean busy() {
        return followed.size() >= MOST_TOLD;
    }

    /** Removes them here. Takes a while where there are many, so not on an event loop. */
    Purge.Removed here(Purge purge) {
        return cache.purge(purge);
    }

    /** Has the other replicas remove them too; completes once they are sure to, which they may already be. */
    Future<Void> elsewhere(Purge purge) {
        return deleted(purge).compose(deleted -> tell(purge, deleted ? TOLD_FOR : longest()));
    }

    /** Whether the second tier is sure to hold no answer any more that it covers. */
    private Future<Boolean> deleted(Purge purge) {
        return second.isPresent() && purge.isOfKeyAlone()
                ? second.get().remove(purge.key().orElseThrow()).map(true).otherwise(false)
                : Future.succeededFuture(second.isEmpty());
    }

    private Duration longest() {
        Duration longest = second.map(SharedAnswers::longest).orElse(TOLD_FOR);
        return longest.compareTo(TOLD_FOR) > 0 ? longest : TOLD_FOR;
    }

    private Future<Void> tell(Purge purge, Duration toldFor) {
        if (notices.isEmpty()) {
            return Future.succeededFuture();
        }
        String name = PURGE + UUID.randomUUID() + "/"
                + json(purge).put(TOLD_FOR_SECONDS, toldFor.toSeconds()).encode();
        synchronized (this) {
            followed.add(name);
        }
        return notices.get().tell(name, toldFor);
    }

    /** Whether there may be other replicas. */
    boolean isShared() {
        return notices.isPresent();
    }

    private void follow(Map<String, Duration> told) {
        told.forEach((name, left) -> {
            if (name.startsWith(PURGE) && isNew(name)) {
                JsonObject json = new JsonObject(name.substring(name.indexOf('/', PURGE.length()) + 1));
                Duration ago = ago(Duration.ofSeconds(json.getLong(TOLD_FOR_SECONDS)), left);
                Purge purge = purge(json);
                vertx.executeBlocking(() -> cache.purge(purge, ago), false).onSuccess(removed -> deleted(purge));
            }
        });
        forgetAllBut(told.keySet());
    }

    /** When a purge was ordered, by the store's clock; never earlier than it was. */
    private static Duration ago(Duration toldFor, Duration left) {
        Duration ago = toldFor.minus(left).minus(CERTAIN);
        return ago.isNegative() ? Duration.ZERO : ago;
    }

    private synchronized boolean isNew(String name) {
        return followed.add(name);
    }

    private synchronized void forgetAllBut(Set<String> told) {
        followed.retainAll(told);
    }

    /** What it selects. */
    static JsonObject json(Purge purge) {
        JsonObject json = new JsonObject();
        purge.tenant().ifPresent(tenant -> json.put("tenant", tenant));
        purge.model().ifPresent(model -> json.put("model", model.pattern()));
        purge.namespace().ifPresent(namespace -> json.put("namespace", namespace));
        purge.key().ifPresent(key -> json.put("key", key.hex()));
        return json;
    }

    private static Purge purge(JsonObject json) {
        return new Purge(Optional.ofNullable(json.getString("tenant")),
                Optional.ofNullable(json.getString("model")).map(ModelGlob::new),
                Optional.ofNullable(json.getString("namespace")),
                Optional.ofNullable(json.getString("key")).map(PromptKey::named));
    }
}
