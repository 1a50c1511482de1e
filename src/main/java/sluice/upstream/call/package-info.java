/** What a stage needs of a call to the upstream, whatever protocol carries it. */
@NullMarked
package sluice.upstream.call;

import org.jspecify.annotations.NullMarked;
