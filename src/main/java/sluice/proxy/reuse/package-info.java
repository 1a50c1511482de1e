/** Answers without another model run: from the cache, or from an identical call in flight. */
@NullMarked
package sluice.proxy.reuse;

import org.jspecify.annotations.NullMarked;
