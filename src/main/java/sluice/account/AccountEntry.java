package sluice.account;

import sluice.quota.AccountLimits;
import sluice.upstream.Account;

/**
 * What is declared of an account.
 *
 * @param sharedObjects whether several tenants may see what is stored there
 */
public record AccountEntry(Account account, AccountLimits limits, boolean sharedObjects) {

    /** Whether another entry is of the same account, whatever it says of it. */
    public boolean isSameAs(AccountEntry other) {
        return account.name().equals(other.account.name());
    }
}
