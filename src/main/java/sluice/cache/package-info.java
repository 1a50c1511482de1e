/**
 * Answers to identical prompts: which calls may be answered from the cache, under which key, and the bounded store
 * itself.
 */
@NullMarked
package sluice.cache;

import org.jspecify.annotations.NullMarked;
