/** What a stage needs of a caller's request and of the answer to it, independent of the edge. */
@NullMarked
package sluice.inbound;

import org.jspecify.annotations.NullMarked;
