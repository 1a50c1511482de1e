/**
 * Where calls arrive: one event loop of the port, the rules for a request head, and the request path it hands calls to.
 */
@NullMarked
package sluice.edge;

import org.jspecify.annotations.NullMarked;
