/** What operators see: every meter by name, the access log with one line per request, and call traces. */
@NullMarked
package sluice.metrics;

import org.jspecify.annotations.NullMarked;
