/**
 * Several replicas as one gateway: limits, accounts, calls in flight and notices kept in a Redis that all of them
 * reach, and what applies while it cannot be reached. {@code docs/cluster.md} describes the protocol. A <em>slice</em>
 * is what a replica has taken ahead of its calls; a <em>substitute</em> enforces a limit while the store is away.
 */
@NullMarked
package sluice.cluster;

import org.jspecify.annotations.NullMarked;
