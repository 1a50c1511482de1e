/** What must outlive the process: the levels of daily limits, in an SQLite file. Knows nothing else of ours. */
@NullMarked
package sluice.ledger;

import org.jspecify.annotations.NullMarked;
