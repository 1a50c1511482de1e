/**
 * Answers that replicas share through Redis: compressed, encrypted, and made by one replica while the others wait.
 */
@NullMarked
package sluice.answers;

import org.jspecify.annotations.NullMarked;
