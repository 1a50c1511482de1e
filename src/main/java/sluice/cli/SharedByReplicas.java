package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.answers.RedisAnswers;
import sluice.answers.SecondTier;
import sluice.answers.TierObserver;
import sluice.cache.AnswerCache;
import sluice.cache.AnsweredCalls;
import sluice.cache.SharedAnswers;
import sluice.cache.Tiers;
import sluice.cache.WholeAnswer;
import sluice.cluster.Cluster;
import sluice.cluster.RedisSettings;
import sluice.cluster.Shelf;
import sluice.config.GatewayConfig;
import sluice.isolation.Bulkhead;
import sluice.isolation.Shared;
import sluice.metrics.GatewayMeters;
import sluice.time.Time;

/** The answers that replicas share through Redis: the second tier of the cache, and answers to calls that may be repeated. */
final class SharedByReplicas {
    private final Vertx vertx;
    private final Optional<Cluster> cluster;
    private final GatewayMeters meters;
    private final Troubles troubles;
    private final Time time;
    private final List<Shelf> shelves = new ArrayList<>();
    private final List<RedisAnswers> answers = new ArrayList<>();
    private final Bulkhead places;
    private final Tiers tiers;

    /** Does not connect yet. */
    SharedByReplicas(Vertx vertx, GatewayConfig config, Optional<Cluster> cluster, AnswerCache cache,
            AnsweredCalls answered, GatewayMeters meters, Troubles troubles, Time time) {
        this.vertx = vertx;
        this.cluster = cluster;
        this.meters = meters;
        this.troubles = troubles;
        this.time = time;
        SecondTier second = config.secondTier();
        this.places = Bulkhead.of("shared-answers", second.maxInFlight());
        this.tiers = new Tiers(
                second.redis().map(redis -> answers(redis, new RedisAnswers.Settings("cache", second.keys(),
                        second.maxEntryBytes(), second::maxWait, WholeAnswer::isComplete, cache::isPurged, second::ttl,
                        answer -> shorter(answer.retention().ttl(), second.ttl())))),
                config.redis().map(redis -> answers(redis, new RedisAnswers.Settings("idempotency", second.keys(),
                        second.maxEntryBytes(), () -> answered.settings().continueFor(), WholeAnswer::isFinal,
                        (key, retention) -> false, () -> answered.settings().ttl(),
                        answer -> answered.settings().ttl()))));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private SharedAnswers answers(RedisSettings redis, RedisAnswers.Settings settings) {
        Shelf shelf = new Shelf(vertx, redis, cluster, new StoreMeters(meters, "redis-" + settings.name(),
                troubles.sign(What.SHARED_ANSWERS_DOWN)), time);
        shelves.add(shelf);
        meters.sharedAnswers().reachable(settings.name(), shelf::reachable);
        RedisAnswers shared = new RedisAnswers(vertx, shelf, settings, places, new TierObserver() {
            @Override
            public void looked(String tier, String result) {
                meters.sharedAnswers().looked(tier, result);
            }

            @Override
            public void took(String tier, long nanos) {
                meters.sharedAnswers().took(tier, nanos);
            }
        }, time);
        answers.add(shared);
        return shared;
    }

    /** Connects; completes once every store has been reached, or is known not to be. */
    Future<Void> start() {
        return Future.join(shelves.stream().map(Shelf::start).toList()).mapEmpty();
    }

    Future<Void> close() {
        return Future.join(shelves.stream().map(Shelf::close).toList()).<Void>mapEmpty()
                .eventually(() -> Future.join(answers.stream().map(RedisAnswers::close).toList()));
    }

    Tiers tiers() {
        return tiers;
    }

    /** What is asked and told at once. */
    Shared shared() {
        return places.shared();
    }
}
