package sluice.schedule;

import java.util.Comparator;
import java.util.List;

/**
 * Draws calls that share a prompt to one account, whose own cache then knows it, by rendezvous hashing: each account has a
 * rank that depends on it and the prompt alone, so when one comes or goes, only its own calls move. An account that
 * is used up faster than another yields, so that calls without a choice find room there, and little of the other's refill is
 * lost while it is full.
 */
public record Affinity(long hash) {
    /** An account keeps what is drawn to it while it has this share of what another has left of its limits. */
    private static final double KEEPS = 0.75;

    /** The affinity of a tenant's calls with one key. */
    public static Affinity of(String tenant, String key) {
        return new Affinity(hash(hash(0, tenant), key));
    }

    /** Puts accounts to the front that the call is drawn to, the highest rank first; the others keep their order. */
    void order(List<Pool.Match> able) {
        double most = able.stream().mapToDouble(match -> match.quote().headroom()).max().orElse(0);
        double least = KEEPS * most;
        able.sort(Comparator.comparing((Pool.Match match) -> match.quote().headroom() < least)
                .thenComparing(match -> match.quote().headroom() < least ? 0L : rank(match.account().name()),
                        Comparator.reverseOrder()));
    }

    private long rank(String account) {
        return hash(hash, account);
    }

    private static long hash(long seed, String text) {
        long hash = seed;
        for (int i = 0; i < text.length(); i++) {
            hash = mixed(hash ^ text.charAt(i));
        }
        return mixed(hash + text.length());
    }

    /** The finalizer of SplitMix64: every bit of the input changes half of those of the output. */
    private static long mixed(long value) {
        long mixed = value + 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
