/**
 * The OpenAI API, as far as a gateway must know it: routes, request envelopes, usage, SSE events, error bodies. Pure
 * functions over bytes; imports none of our other packages, and any of them may import it.
 */
@NullMarked
package sluice.openai;

import org.jspecify.annotations.NullMarked;
