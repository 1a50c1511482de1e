/**
 * WebSocket conversations: from the upgrade to the last frame, and what their model calls cost.
 */
@NullMarked
package sluice.proxy.socket;

import org.jspecify.annotations.NullMarked;
