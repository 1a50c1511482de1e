/** What OpenAI says of the organisation itself: its limits and its bill, compared with what the gateway believes. */
@NullMarked
package sluice.organization;

import org.jspecify.annotations.NullMarked;
