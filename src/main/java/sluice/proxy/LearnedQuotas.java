package sluice.proxy;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import sluice.cluster.Reports;
import sluice.schedule.Need;
import sluice.time.Time;
import sluice.upstream.LearnedQuota;
import sluice.upstream.QuotaHeaders;

/** What the upstream says is left of an account, for each model by itself. Shared by all event loops. */
final class LearnedQuotas implements Reports {
    private static final int REMEMBERED_MODELS = 200;
    /** With less than this part left, others should know soon. */
    private static final double SCARCE = 0.1;

    /** What the upstream says of one model. */
    record Learned(LearnedQuota requests, LearnedQuota tokens) {}

    /**
     * Where a call stood among all that were granted when it was sent, by which its report is judged.
     *
     * @param requests of requests
     * @param tokens   of tokens
     */
    record Mark(long requests, long tokens) {}

    private final Map<String, Learned> byModel = new ConcurrentHashMap<>();
    private final Time time;
    private volatile Runnable teller = () -> {
        // Nobody else serves the account.
    };

    LearnedQuotas(Time time) {
        this.time = time;
    }

    Learned of(String model) {
        Learned known = byModel.get(model);
        if (known != null) {
            return known;
        }
        Optional<String> room = byModel.size() < REMEMBERED_MODELS ? Optional.of(model) : Optional.empty();
        return byModel.computeIfAbsent(room.orElse(""), fresh -> new Learned(new LearnedQuota(), new LearnedQuota()));
    }

    /** A call was granted, or with less than 0 given back. */
    void count(Need need, int sign) {
        Learned learned = of(need.model());
        learned.requests().take(sign);
        learned.tokens().take(sign * need.tokens());
    }

    /** Where a call that is sent now stands. */
    Mark mark(Need need) {
        Learned learned = of(need.model());
        return new Mark(learned.requests().mark(), learned.tokens().mark());
    }

    /** An answer's headers say what is left. */
    void report(Need need, Mark mark, MultiMap headers) {
        long now = time.nanos();
        Learned learned = of(need.model());
        QuotaHeaders.read(headers, "requests")
                .ifPresent(report -> learned.requests().report(report, mark.requests(), now));
        QuotaHeaders.read(headers, "tokens").ifPresent(report -> learned.tokens().report(report, mark.tokens(), now));
        if (Math.min(learned.requests().headroom(now), learned.tokens().headroom(now)) < SCARCE) {
            teller.run();
        }
    }

    @Override
    public List<Told> news() {
        long now = time.nanos();
        List<Told> news = new ArrayList<>();
        byModel.forEach((model, learned) -> {
            learned.requests().news(now).ifPresent(known -> news.add(told("requests/" + model, known)));
            learned.tokens().news(now).ifPresent(known -> news.add(told("tokens/" + model, known)));
        });
        return news;
    }

    private static Told told(String quota, LearnedQuota.Standing known) {
        return new Told(quota, known.limit(), known.left(), known.perNano(), 0);
    }

    @Override
    public void hear(Told told) {
        int slash = told.quota().indexOf('/');
        Learned learned = of(told.quota().substring(slash + 1));
        LearnedQuota quota = told.quota().startsWith("requests/") ? learned.requests() : learned.tokens();
        quota.hear(new LearnedQuota.Standing(told.limit(), told.left(), told.perNano()),
                time.nanos() - told.agedNanos());
    }

    @Override
    public void whenScarce(Runnable listener) {
        teller = listener;
    }
}
