/** What a stage needs of a caller's request and of the answer to it, whatever edge took it in. */
@NullMarked
package sluice.inbound;

import org.jspecify.annotations.NullMarked;
