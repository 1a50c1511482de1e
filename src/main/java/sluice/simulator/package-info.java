/**
 * A stand-in for the OpenAI API that enforces quotas like the real one, for the demo, tests and users' own load
 * tests: the server with its HTTP and WebSocket surface, credentials, limits and faults. An <em>account</em> is one
 * organization with limits that its keys share. A <em>call</em> is a request that asks a model for something and so
 * spends quota; <em>faults</em> are injected on purpose. Answers are in {@code answers}, stored objects in {@code
 * objects}, their wire format in {@code wire}, values that fit a schema in {@code schema}. Of our other packages it
 * imports only {@code sluice.time}, so that the gateway is never tested against its own arithmetic.
 * <p>
 * {@code PUT /simulator/faults} sets the faults of all calls, the headers {@code x-simulator-…} how one is answered:
 * {@code chunks}, {@code chunk-interval-ms}, {@code latency-ms}, {@code finish-reason}, {@code event-lines},
 * {@code cut-after}, {@code status} with {@code code}, {@code message}, {@code retry-after} and {@code should-retry},
 * {@code early-status}.
 */
@NullMarked
package sluice.simulator;

import org.jspecify.annotations.NullMarked;
