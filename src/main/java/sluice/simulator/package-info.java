/**
 * A stand-in for the OpenAI API that enforces quotas like the real one, for the demo, tests and users' own load tests.
 * An <em>account</em> is one organisation with limits that its keys share. A <em>call</em> is a request that asks a
 * model for something and so spends quota; <em>faults</em> are injected on purpose. Of our own packages it imports only
 * {@code sluice.time}, so that the gateway is never tested against its own arithmetic.
 */
@NullMarked
package sluice.simulator;

import org.jspecify.annotations.NullMarked;
