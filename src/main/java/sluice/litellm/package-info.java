/**
 * A LiteLLM proxy's configuration, teams and keys as a configuration of ours. Its words: a <em>deployment</em> is an entry
 * of {@code model_list}, a <em>group</em> all deployments of one {@code model_name}. May import the API's vocabulary and
 * prices, nothing else of ours.
 */
@NullMarked
package sluice.litellm;

import org.jspecify.annotations.NullMarked;
