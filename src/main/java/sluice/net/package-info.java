/** What connections to callers and to the upstream need beyond what Vert.x does. */
@NullMarked
package sluice.net;

import org.jspecify.annotations.NullMarked;
