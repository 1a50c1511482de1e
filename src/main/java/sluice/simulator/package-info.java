/**
 * A stand-in for the OpenAI API that enforces quotas like the real one, for the demo, tests and users' own load tests:
 * the server with its HTTP and WebSocket surface, credentials, limits and faults. An <em>account</em> is one
 * organisation with limits that its keys share. A <em>call</em> is a request that asks a model for something and so
 * spends quota; <em>faults</em> are injected on purpose. What it answers stands in {@code answers}, what it keeps in
 * {@code objects}, what both are written in, in {@code wire}. Of our other packages it imports only {@code sluice.time},
 * so that the gateway is never tested against its own arithmetic.
 */
@NullMarked
package sluice.simulator;

import org.jspecify.annotations.NullMarked;
