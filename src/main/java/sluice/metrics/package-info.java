/**
 * What is told to those who watch: every meter by name, and the access log with one line per request.
 */
@NullMarked
package sluice.metrics;

import org.jspecify.annotations.NullMarked;
