/**
 * Limits and their enforcement: buckets of requests and tokens (Bucket4j), calls in flight, and the reservation that
 * remembers what a call has taken until its outcome is known. A <em>limit</em> is a number per window; a
 * <em>bucket</em> holds one limit; a <em>quota</em> is all of one owner's buckets.
 */
@NullMarked
package sluice.quota;

import org.jspecify.annotations.NullMarked;
