/**
 * What the API stores for its users: files, batches, threads, vector stores, kept chats and responses. Each account has
 * a store of its own, bounded and in memory. A <em>visit</em> is a request with a valid key; {@code Paths} says which
 * family answers it. Of our own packages it imports only {@code sluice.simulator.answers} and
 * {@code sluice.simulator.wire}.
 */
@NullMarked
package sluice.simulator.objects;

import org.jspecify.annotations.NullMarked;
