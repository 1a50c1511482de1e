/**
 * The way to OpenAI: accounts and their credentials, one HTTP client per event loop and account, timeouts, and what
 * the upstream's answers mean.
 */
@NullMarked
package sluice.upstream;

import org.jspecify.annotations.NullMarked;
