/**
 * Where calls come in: one event loop of the port, the rules for a request head, and the path that it hands calls to.
 */
@NullMarked
package sluice.edge;

import org.jspecify.annotations.NullMarked;
