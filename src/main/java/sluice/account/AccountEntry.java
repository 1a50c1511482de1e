package sluice.account;

import sluice.quota.AccountLimits;
import sluice.upstream.Account;

/**
 * An account as configured.
 *
 * @param limitsFrom    whose model limits apply
 * @param serves        the models that its calls may name
 * @param sharedObjects whether several tenants may see what is stored there
 */
public record AccountEntry(Account account, AccountLimits limits, LimitsFrom limitsFrom, ServedModels serves,
        boolean sharedObjects) {

    /** Whose model limits apply. */
    public enum LimitsFrom {
        /** Only those in the file. */
        FILE,
        /** Also those OpenAI grants the account's project. */
        UPSTREAM
    }

    /** Whether another entry is for the same account, regardless of its settings. */
    public boolean isSameAs(AccountEntry other) {
        return account.name().equals(other.account.name());
    }
}
