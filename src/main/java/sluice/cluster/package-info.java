/**
 * Several replicas as one gateway: limits, accounts, calls in flight and notices that live in a Redis which all of them
 * reach, and what holds while it cannot be reached. {@code docs/cluster.md} tells the protocol. A <em>slice</em> is what a
 * replica has taken ahead of its calls; a <em>substitute</em> holds a limit while the store is away.
 */
@NullMarked
package sluice.cluster;

import org.jspecify.annotations.NullMarked;
