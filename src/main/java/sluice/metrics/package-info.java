/**
 * What is told to those who watch: every meter by name, the access log with one line per request, and the traces of calls.
 */
@NullMarked
package sluice.metrics;

import org.jspecify.annotations.NullMarked;
