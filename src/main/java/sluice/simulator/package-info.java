/**
 * A stand-in for the OpenAI API that enforces quotas like the real one, for the demo, tests and users' own load tests.
 * An <em>account</em> is one organisation with its limits; its keys share them. A <em>call</em> is a request that asks a
 * model for something and so spends quota; <em>faults</em> are what goes wrong on purpose. Imports {@code sluice.time}
 * and nothing else of ours, so that the gateway is never tested against its own arithmetic.
 */
@NullMarked
package sluice.simulator;

import org.jspecify.annotations.NullMarked;
