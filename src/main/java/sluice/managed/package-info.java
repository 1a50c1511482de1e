/**
 * Tenants and keys that the admin API has made, beside those that the configuration declares: kept in the ledger with an
 * audit of every change, followed by every replica, and copied to disk so that a replica starts while the database is
 * away. {@link sluice.managed.ManagedDirectory} is what is known here, {@link sluice.managed.InForce} puts it into effect
 * together with the declared tenants, and {@link sluice.managed.ManagedLedger} reads and writes it. It stands on the
 * ledger and on tenancy, and knows neither the configuration nor the admin listener.
 */
@NullMarked
package sluice.managed;

import org.jspecify.annotations.NullMarked;
