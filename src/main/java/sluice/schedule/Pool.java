package sluice.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.schedule.Quote.Lacking;
import sluice.schedule.Quote.Scope;

/** The accounts that can serve the same calls; picks the one to serve a call. */
final class Pool {

    /** An account that can take a call now, and its quote. */
    record Match(Capacity account, Quote quote) {}

    private static final Comparator<Quote> SOONEST = Comparator.comparing(Quote::refuses)
            .thenComparingLong(Quote::waitNanos);

    private final List<Capacity> accounts;
    private final boolean affinity;

    /** @param affinity whether calls that share a prompt are drawn to one account */
    Pool(List<Capacity> accounts, boolean affinity) {
        this.accounts = List.copyOf(accounts);
        this.affinity = affinity;
    }

    /**
     * The service that all accounts together refill per nanosecond for calls like this one; 0 if none can ever serve
     * it.
     */
    double refill(Call call) {
        double refill = 0;
        for (Capacity account : accounts) {
            if (allows(call, account)) {
                refill += account.refill(call.need());
            }
        }
        return refill;
    }

    /** The least the call costs, in shares of an account's limits. */
    double cost(Call call) {
        double least = Double.MAX_VALUE;
        for (Capacity account : accounts) {
            if (allows(call, account)) {
                least = Math.min(least, account.cost(call.need()));
            }
        }
        return least;
    }

    /**
     * The quote of the account that could serve the call soonest, preferably of one worth waiting for;
     * {@link Quote#UNKNOWN} if none can ever serve it.
     */
    Quote soonest(Call call) {
        Quote soonest = null;
        for (Capacity account : accounts) {
            if (allows(call, account)) {
                Quote quote = account.quote(call.need(), Set.of());
                soonest = soonest == null || SOONEST.compare(quote, soonest) < 0 ? quote : soonest;
            }
        }
        return soonest == null ? Quote.UNKNOWN : soonest;
    }

    /** The quotes of all accounts that the call may be sent to, by name, without those too small for it. */
    Map<String, Quote> quotes(Call call) {
        Map<String, Quote> quotes = new LinkedHashMap<>();
        for (Capacity account : accounts) {
            if (allows(call, account)) {
                quotes.put(account.name(), account.quote(call.need(), Set.of()));
            } else if (call.routes().allows(account) && !serves(call, account)) {
                quotes.put(account.name(), Quote.UNSERVED);
            }
        }
        return quotes;
    }

    /** Whether any account that the call may be sent to serves its model. */
    boolean serves(Call call) {
        for (Capacity account : accounts) {
            if (serves(call, account)) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is an account that could serve either call. */
    boolean areRivals(Call one, Call other) {
        for (Capacity account : accounts) {
            if (allows(one, account) && allows(other, account)) {
                return true;
            }
        }
        return false;
    }

    /** Starts offering calls in their order. */
    Round round() {
        return new Round();
    }

    /** Whether the account could ever serve the call. */
    static boolean allows(Call call, Capacity account) {
        return serves(call, account) && !account.exceeds(call.need());
    }

    private static boolean serves(Call call, Capacity account) {
        return call.routes().allows(account) && account.serves(call.need().model());
    }

    private static Match sooner(@Nullable Match one, Match other) {
        return one == null || SOONEST.compare(other.quote(), one.quote()) < 0 ? other : one;
    }

    /**
     * Sorts accounts, best first, by the expected time until they answer, if calls in flight are answered one after
     * the other, divided by what would be left of their limits.
     */
    static void order(List<Match> able) {
        if (able.size() < 2) {
            return;
        }
        double usual = able.stream().mapToDouble(match -> match.quote().load().answerNanos()).filter(nanos -> nanos > 0)
                .min().orElse(1);
        able.sort(Comparator.comparingDouble((Match match) -> expected(match.quote(), usual) / match.quote().headroom())
                .thenComparingDouble(match -> expected(match.quote(), usual)));
    }

    /** @param usual the answer time to assume where none is known */
    private static double expected(Quote quote, double usual) {
        Quote.Load load = quote.load();
        return (load.answerNanos() == 0 ? usual : load.answerNanos()) * (load.inFlight() + 1);
    }

    /** One round of offers, in which whatever is exhausted stays so. */
    final class Round {
        private final Set<Capacity> exhausted = new HashSet<>();
        private final Map<Capacity, Set<String>> withheld = new HashMap<>();
        private long dueNanos = Quote.NEVER;
        private boolean refuses;

        /** Whether no account takes any more calls. */
        boolean over() {
            return exhausted.size() == accounts.size();
        }

        /** Whether any account refused a call instead of letting it wait. */
        boolean refuses() {
            return refuses;
        }

        /** Releases all withheld tokens; returns whether there were any. */
        boolean release() {
            boolean any = !withheld.isEmpty();
            withheld.clear();
            return any;
        }

        /** Nanoseconds until a call that no account took could be served; {@link Quote#NEVER} if there was none. */
        long dueNanos() {
            return dueNanos;
        }

        /**
         * The account that can take the call now and is expected to answer it soonest, or that the call is drawn to, with a
         * connection taken; null if there is none.
         */
        @Nullable
        Match match(Call call) {
            List<Match> able = new ArrayList<>(accounts.size());
            Match soonest = null;
            for (Capacity account : accounts) {
                if (!allows(call, account)) {
                    continue;
                }
                Quote quote = account.quote(call.need(), withheld.getOrDefault(account, Set.of()));
                if (quote.now()) {
                    able.add(new Match(account, quote));
                } else {
                    due(account, quote);
                    lacks(account, quote);
                    soonest = sooner(soonest, new Match(account, quote));
                }
            }
            order(able);
            if (affinity && able.size() > 1) {
                call.routes().affinity().ifPresent(drawn -> drawn.order(able));
            }
            for (Match match : able) {
                if (call.routes().connect(match.account())) {
                    return match;
                }
            }
            if (soonest != null && able.isEmpty()) {
                await(soonest);
            }
            return null;
        }

        /**
         * Records when there may be room; tokens withheld for another call become available when that call is served.
         */
        private void due(Capacity account, Quote quote) {
            Lacking lacking = quote.lacking();
            boolean kept = lacking != null && lacking.scope() == Scope.TOKENS
                    && withheld.getOrDefault(account, Set.of()).contains(lacking.what());
            if (!kept) {
                dueNanos = Math.min(dueNanos, quote.waitNanos());
            }
        }

        /** An account that refuses is not exhausted: the other calls are offered to it too, so that each is refused. */
        private void lacks(Capacity account, Quote quote) {
            refuses |= quote.refuses();
            if (quote.lacking() != null && quote.lacking().scope() == Scope.ACCOUNT && !quote.refuses()) {
                exhausted.add(account);
            }
        }

        /** Withholds the tokens a call waits for from those behind it; not if it only waits for a connection. */
        private void await(Match soonest) {
            Lacking lacking = soonest.quote().lacking();
            if (lacking != null && lacking.scope() == Scope.TOKENS) {
                withheld.computeIfAbsent(soonest.account(), fresh -> new HashSet<>()).add(lacking.what());
            }
        }
    }
}
