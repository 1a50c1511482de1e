/** The upstream's accounts at run time: what each may send now, what attempts teach about it, connections and keys. */
@NullMarked
package sluice.account;

import org.jspecify.annotations.NullMarked;
