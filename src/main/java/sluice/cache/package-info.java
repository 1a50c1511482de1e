/**
 * Answers to identical prompts: which calls may be answered from memory, under which key, and the bounded store itself.
 */
@NullMarked
package sluice.cache;

import org.jspecify.annotations.NullMarked;
