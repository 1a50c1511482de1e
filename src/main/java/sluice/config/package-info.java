/**
 * What the configuration file may say: a reader for each section, with the keys it has, their bounds and defaults, and
 * what must fit together. Settings records are nested in the types that they configure; this package only fills them in.
 * How a file is read at all is a matter of {@link sluice.yaml}.
 */
@NullMarked
package sluice.config;

import org.jspecify.annotations.NullMarked;
