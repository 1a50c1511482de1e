package sluice.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import sluice.cluster.Reports;
import sluice.schedule.Need;
import sluice.time.Time;
import sluice.upstream.AccountModels;
import sluice.upstream.LearnedQuota;
import sluice.upstream.Pace;
import sluice.upstream.QuotaHeaders;

/**
 * What the upstream reports as remaining of an account, per model. Nothing is learned about a model before the
 * upstream has answered a call to it with 200; when there are too many, the least used are forgotten. Shared by all
 * event loops.
 */
public final class LearnedQuotas implements Reports {
    private static final int REMEMBERED_MODELS = 500;

    /** What the upstream says about one model, and how fast it is sent calls. */
    record Learned(LearnedQuota requests, LearnedQuota tokens, AtomicReference<Pace> pace) {

        static Learned nothing() {
            return new Learned(new LearnedQuota(), new LearnedQuota(), new AtomicReference<>(Pace.FREE));
        }
    }

    /**
     * What had been granted when a call was sent, by which its report is judged.
     *
     * @param requests requests granted
     * @param tokens   tokens granted
     * @param sentAt   when it was sent
     */
    public record Mark(long requests, long tokens, long sentAt) {}

    /** Shared by all unknown models, so it never learns anything. */
    private static final Learned NOTHING = Learned.nothing();

    private final Cache<String, Learned> byModel;
    private final Shortages shortages;
    private final Time time;
    private volatile Runnable teller = () -> {
        // Nobody else serves the account.
    };

    LearnedQuotas(Shortages shortages, Time time) {
        this.shortages = shortages;
        this.time = time;
        this.byModel = Caffeine.newBuilder().maximumSize(REMEMBERED_MODELS).executor(Runnable::run).build();
    }

    /** Whether anything is known about a model. */
    boolean knows(String model) {
        return of(model) != null;
    }

    /** What is known about a model, read only. */
    Learned said(String model) {
        Learned learned = of(model);
        return learned == null ? NOTHING : learned;
    }

    private @Nullable Learned of(String model) {
        return byModel.getIfPresent(model);
    }

    /** A call was granted, or given back if {@code sign} is negative. */
    void count(Need need, int sign) {
        Learned learned = of(need.model());
        if (learned != null) {
            learned.requests().take(sign);
            learned.tokens().take(sign * need.tokens());
        }
    }

    /** The mark of a call that is sent now. */
    Mark mark(Need need) {
        long now = time.nanos();
        Learned learned = of(need.model());
        if (learned == null) {
            return new Mark(0, 0, now);
        }
        return new Mark(learned.requests().mark(), learned.tokens().mark(), now);
    }

    /** Changes the pace of a model's calls; returns whether the model is known. */
    boolean pace(Need need, UnaryOperator<Pace> change) {
        Learned learned = of(need.model());
        if (learned != null) {
            learned.pace().updateAndGet(change);
        }
        return learned != null;
    }

    /** Learns from an answer's headers what remains. */
    void report(Need need, Mark mark, int status, MultiMap headers) {
        long now = time.nanos();
        Learned learned = of(need.model());
        if (learned == null && status == 200 && need.model().length() <= AccountModels.LONGEST_NAME) {
            learned = byModel.get(need.model(), fresh -> Learned.nothing());
        }
        if (learned == null) {
            return;
        }
        LearnedQuota requests = learned.requests();
        LearnedQuota tokens = learned.tokens();
        QuotaHeaders.read(headers, "requests").ifPresent(report -> requests.report(report, mark.requests(), now));
        QuotaHeaders.read(headers, "tokens").ifPresent(report -> tokens.report(report, mark.tokens(), now));
        if (Math.min(requests.headroom(now), tokens.headroom(now)) < Shortages.SHORT) {
            // Other replicas should know soon.
            teller.run();
            shortages.look(need.model(), learned, now);
        } else {
            shortages.ease(now);
        }
    }

    @Override
    public List<Told> news() {
        long now = time.nanos();
        List<Told> news = new ArrayList<>();
        byModel.asMap().forEach((model, learned) -> {
            learned.requests().news(now).ifPresent(known -> news.add(told("requests/" + model, known)));
            learned.tokens().news(now).ifPresent(known -> news.add(told("tokens/" + model, known)));
        });
        return news;
    }

    private static Told told(String quota, LearnedQuota.Standing known) {
        return new Told(quota, known.limit(), known.left(), known.perNano(), 0);
    }

    /** The replica that reports has had an answer from the model. */
    @Override
    public void hear(Told told) {
        int slash = told.quota().indexOf('/');
        Learned learned = byModel.get(told.quota().substring(slash + 1), fresh -> Learned.nothing());
        LearnedQuota quota = told.quota().startsWith("requests/") ? learned.requests() : learned.tokens();
        quota.hear(new LearnedQuota.Standing(told.limit(), told.left(), told.perNano()),
                time.nanos() - told.agedNanos());
    }

    @Override
    public void whenScarce(Runnable listener) {
        teller = listener;
    }
}
