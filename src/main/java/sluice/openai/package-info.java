/**
 * What the OpenAI API is, as far as a gateway must know it: routes, the envelope of a request, usage, SSE events, error
 * bodies. Pure functions over bytes; imports nothing of ours, and may be imported by all.
 */
@NullMarked
package sluice.openai;

import org.jspecify.annotations.NullMarked;
