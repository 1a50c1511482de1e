/** What connections need beyond what Vert.x provides. */
@NullMarked
package sluice.net;

import org.jspecify.annotations.NullMarked;
