/**
 * The ledger of calls: one record for each call that is over, handed over by event loops, written in batches, rolled up
 * by hour and day, and asked for as usage. {@link sluice.calls.CallLedger} keeps the records,
 * {@link sluice.calls.UsageReports} answers. It stands on the ledger, and knows what a finished call is from the metrics.
 */
@NullMarked
package sluice.calls;

import org.jspecify.annotations.NullMarked;
