/** What must outlive the process, in an SQLite file: the levels of daily limits and the revoked keys. */
@NullMarked
package sluice.ledger;

import org.jspecify.annotations.NullMarked;
