/**
 * The upstream's accounts as calls meet them: what each may send now, what attempts teach, its connections and its keys.
 */
@NullMarked
package sluice.account;

import org.jspecify.annotations.NullMarked;
