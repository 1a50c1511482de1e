package sluice.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.schedule.Quote.Lacking;
import sluice.schedule.Quote.Scope;

/** The accounts that can serve the same calls, and which of them serves one. */
final class Pool {

    /** An account that can take a call now, and what that costs. */
    record Match(Capacity account, Quote quote) {}

    private final List<Capacity> accounts;

    Pool(List<Capacity> accounts) {
        this.accounts = List.copyOf(accounts);
    }

    /** The service that all accounts together give back in a nanosecond to calls like this one; 0 if none can ever serve it. */
    double refill(Call call) {
        double refill = 0;
        for (Capacity account : accounts) {
            if (allows(call, account)) {
                refill += account.refill(call.need());
            }
        }
        return refill;
    }

    /** The least that the call costs, in shares of an account's limits. */
    double cost(Call call) {
        double least = Double.MAX_VALUE;
        for (Capacity account : accounts) {
            if (allows(call, account)) {
                least = Math.min(least, account.cost(call.need()));
            }
        }
        return least;
    }

    /** What keeps the account that could serve the call soonest, by its name; empty if nothing does. */
    String keeps(Call call) {
        Match soonest = null;
        for (Capacity account : accounts) {
            if (allows(call, account)) {
                soonest = sooner(soonest, new Match(account, account.quote(call.need(), Set.of())));
            }
        }
        Lacking lacking = soonest == null ? null : soonest.quote().lacking();
        return lacking == null ? "" : lacking.what();
    }

    /** Begins to offer calls in their order. */
    Round round() {
        return new Round();
    }

    /** Whether the account could ever serve the call. */
    static boolean allows(Call call, Capacity account) {
        return call.routes().allows(account) && !account.exceeds(call.need());
    }

    private static Match sooner(@Nullable Match one, Match other) {
        return one == null || other.quote().waitNanos() < one.quote().waitNanos() ? other : one;
    }

    /** One round of offers, in which what turned out to be used up stays so. */
    final class Round {
        private final Set<Capacity> exhausted = new HashSet<>();
        private final Map<Capacity, Set<String>> withheld = new HashMap<>();
        private long dueNanos = Quote.NEVER;

        /** Whether no account takes any further call. */
        boolean over() {
            return exhausted.size() == accounts.size();
        }

        /** Forgets for whom tokens are kept; whether they were kept for anybody. */
        boolean release() {
            boolean any = !withheld.isEmpty();
            withheld.clear();
            return any;
        }

        /** Until a call that was offered in vain could be served, in nanoseconds; {@link Quote#NEVER} if none was. */
        long dueNanos() {
            return dueNanos;
        }

        /**
         * The account with the most left of its limits, then with the fewest calls under way, that can take the call now;
         * a connection to it is then taken. Null if there is none.
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
            able.sort(Comparator.comparingDouble((Match match) -> -match.quote().headroom())
                    .thenComparingInt(match -> match.quote().inFlight()));
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

        /** Notes when there may be room; tokens that are kept for another call come due with that call's own. */
        private void due(Capacity account, Quote quote) {
            Lacking lacking = quote.lacking();
            boolean kept = lacking != null && lacking.scope() == Scope.TOKENS
                    && withheld.getOrDefault(account, Set.of()).contains(lacking.what());
            if (!kept) {
                dueNanos = Math.min(dueNanos, quote.waitNanos());
            }
        }

        private void lacks(Capacity account, Quote quote) {
            if (quote.lacking() != null && quote.lacking().scope() == Scope.ACCOUNT) {
                exhausted.add(account);
            }
        }

        /** The tokens that a call waits for, and not just for a connection, are taken by nobody behind it. */
        private void await(Match soonest) {
            Lacking lacking = soonest.quote().lacking();
            if (lacking != null && lacking.scope() == Scope.TOKENS) {
                withheld.computeIfAbsent(soonest.account(), fresh -> new HashSet<>()).add(lacking.what());
            }
        }
    }
}
