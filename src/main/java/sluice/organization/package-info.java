/** What OpenAI reports about the organization: its limits and its bill, compared with the gateway's own. */
@NullMarked
package sluice.organization;

import org.jspecify.annotations.NullMarked;
