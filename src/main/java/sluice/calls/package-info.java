/**
 * The ledger of calls: one record for each call that is over, handed over by event loops, written in batches, rolled
 * up by hour and day, and asked for as usage. {@link sluice.calls.CallLedger} keeps the records, {@link
 * sluice.calls.UsageReports} answers. It builds on the ledger, and on the metrics' record of a finished call.
 */
@NullMarked
package sluice.calls;

import org.jspecify.annotations.NullMarked;
