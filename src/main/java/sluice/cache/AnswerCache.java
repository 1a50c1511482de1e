package sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Shared;
import sluice.openai.Endpoint;
import sluice.openai.Served;
import sluice.time.Time;

/**
 * Answers to identical prompts, bounded by total weight and each kept for a limited time. When there is no room and
 * several holders have answers, a new one evicts its own holder's oldest if that holder has more than an equal share,
 * otherwise the oldest of a holder that has: nobody is displaced by a holder of more.
 */
public final class AnswerCache {

    /** Which calls may be answered from the cache. */
    public enum Mode {
        /** None. */
        OFF,
        /** Calls that ask for a repeatable answer: embeddings, moderations, temperature 0 or a seed. */
        DETERMINISTIC,
        /** Every call that is identical to an earlier one and has no side effect. */
        IDENTICAL
    }

    /** Whether tenants share cached answers. */
    public enum Scope {
        TENANT, SHARED
    }

    /**
     * How the cache behaves.
     *
     * @param mode          for tenants and plans that do not override it
     * @param ttl           how long an answer may be reused
     * @param maxSizeBytes  the size of all answers together
     * @param maxEntryBytes the size of one answer; larger ones are relayed but not kept
     * @param scope         whether answers cross tenants
     * @param hitsCount     whether a hit counts as a request of the tenant
     */
    public record Settings(Mode mode, Duration ttl, long maxSizeBytes, int maxEntryBytes, Scope scope,
            boolean hitsCount) {}

    /** An answer and its age in whole seconds. */
    public record Found(CachedAnswer answer, long ageSeconds) {}

    private final Time time;
    private final Cache<PromptKey, Kept> answers;
    private final Bulkhead held;
    /** Changed only within {@code compute…}, which lets one thread at a time at a holder's answers. */
    private final ConcurrentHashMap<Holder, InsertionOrder> ofHolders = new ConcurrentHashMap<>();
    private volatile Settings settings;

    public AnswerCache(Settings settings, Time time) {
        this.settings = settings;
        this.time = time;
        this.held = Bulkhead.of("cache", settings.maxSizeBytes());
        this.answers = Caffeine.newBuilder().maximumWeight(settings.maxSizeBytes())
                .weigher((PromptKey key, Kept kept) -> kept.answer.weight())
                .expireAfter(
                        Expiry.writing((PromptKey key, Kept kept) -> Duration.ofNanos(kept.answer.ttlNanos())))
                .removalListener(this::removed).ticker(time::nanos).executor(Runnable::run).build();
    }

    /** Changes the settings; entries stay as far as there is room. */
    public void change(Settings changed) {
        settings = changed;
        held.change(changed.maxSizeBytes());
        answers.policy().eviction().ifPresent(bound -> bound.setMaximum(changed.maxSizeBytes()));
    }

    public Settings settings() {
        return settings;
    }

    /** The answer to an identical prompt, if there is one no older than the caller accepts. */
    public Optional<Found> find(PromptKey key, CacheControl control) {
        Kept kept = control.noCache() ? null : answers.getIfPresent(key);
        if (kept == null) {
            return Optional.empty();
        }
        CachedAnswer answer = kept.answer;
        long age = TimeUnit.NANOSECONDS.toSeconds(time.nanos() - answer.storedAtNanos());
        return age <= control.maxAge() ? Optional.of(new Found(answer, age)) : Optional.empty();
    }

    /**
     * Keeps an answer, if it is complete.
     *
     * @param stream whether it is a stream of events that has reached its end mark
     * @param body   the whole answer
     * @param served what it says of its model call
     */
    public void offer(PromptKey key, Endpoint endpoint, boolean stream, String model,
            List<Map.Entry<String, String>> headers, Buffer body, Served served) {
        if (CompleteAnswer.check(endpoint, stream, body)) {
            long ttl = Cacheability.ttl(settings.ttl(), model).toNanos();
            // A buffer that has grown piece by piece holds up to twice its content; a copy holds just that.
            keep(key, new CachedAnswer(headers, body.copy(), time.nanos(), ttl, served));
        }
    }

    private void keep(PromptKey key, CachedAnswer answer) {
        Kept kept = new Kept(key, answer);
        Holder holder = key.holder();
        held.insist(holder, answer.weight());
        makeRoom(holder);
        ofHolders.compute(holder, (same, order) -> {
            InsertionOrder all = order == null ? new InsertionOrder() : order;
            all.append(kept);
            return all;
        });
        answers.put(key, kept);
        if (!kept.listed) {
            // Another thread making room has already evicted it.
            answers.asMap().remove(key, kept);
        }
    }

    /** A lone holder is left to the cache's own eviction policy, which knows what is requested often. */
    private void makeRoom(Holder own) {
        while (held.used() > held.total() && held.holders() > 1) {
            Kept oldest = takeOldest(held.aboveEqualPart(own));
            if (oldest == null) {
                return;
            }
            answers.asMap().remove(oldest.key, oldest);
        }
    }

    private @Nullable Kept takeOldest(Holder payer) {
        AtomicReference<@Nullable Kept> taken = new AtomicReference<>();
        ofHolders.computeIfPresent(payer, (holder, order) -> {
            taken.set(order.takeOldest());
            return order.isEmpty() ? null : order;
        });
        return taken.get();
    }

    /** Called for every entry that leaves the cache, whether expired, evicted or replaced. */
    private void removed(@Nullable PromptKey key, @Nullable Kept kept, RemovalCause cause) {
        if (key != null && kept != null) {
            held.giveBack(key.holder(), kept.answer.weight());
            ofHolders.computeIfPresent(key.holder(), (holder, order) -> {
                order.remove(kept);
                return order.isEmpty() ? null : order;
            });
        }
    }

    /** The approximate size of all answers in bytes. */
    public long bytes() {
        return held.used();
    }

    /** How full it is and how many holders it has. */
    public Shared shared() {
        return held.shared();
    }
}
