package sluice.account;

import sluice.quota.AccountLimits;
import sluice.upstream.Account;

/**
 * An account as configured.
 *
 * @param sharedObjects whether several tenants may see what is stored there
 */
public record AccountEntry(Account account, AccountLimits limits, boolean sharedObjects) {

    /** Whether another entry is for the same account, whatever else it says. */
    public boolean isSameAs(AccountEntry other) {
        return account.name().equals(other.account.name());
    }
}
