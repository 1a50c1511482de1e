/**
 * Tenants and keys made through the admin API, in addition to those that the configuration declares: kept in the
 * ledger with an audit of every change, followed by every replica, and copied to disk so that a replica starts while
 * the database is away. {@link sluice.managed.ManagedDirectory} is what is known here, {@link sluice.managed.InForce}
 * puts it into effect together with the declared tenants, and {@link sluice.managed.ManagedLedger} reads and writes
 * it. It builds on the ledger and on tenancy, and does not know the configuration or the admin listener.
 */
@NullMarked
package sluice.managed;

import org.jspecify.annotations.NullMarked;
