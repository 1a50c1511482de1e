package sluice.account;

import sluice.quota.AccountLimits;
import sluice.upstream.Account;

/**
 * An account as configured.
 *
 * @param limitsFrom    whose limits of models hold
 * @param sharedObjects whether several tenants may see what is stored there
 */
public record AccountEntry(Account account, AccountLimits limits, LimitsFrom limitsFrom, boolean sharedObjects) {

    /** Whose limits of models hold. */
    public enum LimitsFrom {
        /** Those of the file alone. */
        FILE,
        /** Beside them those that OpenAI says it grants the account's project. */
        UPSTREAM
    }

    /** Whether another entry is for the same account, whatever else it says. */
    public boolean isSameAs(AccountEntry other) {
        return account.name().equals(other.account.name());
    }
}
