/**
 * Bodies on their way: held for judgement or passing, forms, what an answer says while it passes.
 */
@NullMarked
package sluice.proxy.body;

import org.jspecify.annotations.NullMarked;
