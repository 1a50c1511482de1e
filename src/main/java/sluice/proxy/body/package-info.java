/** Bodies on their way: held to be understood or passed on, forms, and what an answer reports as it passes. */
@NullMarked
package sluice.proxy.body;

import org.jspecify.annotations.NullMarked;
