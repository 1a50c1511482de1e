/**
 * The configuration file as a tree of records: reading, validation, and the wording of every problem. Settings records
 * are nested in the types that they configure; this package only fills them in.
 */
@NullMarked
package sluice.config;

import org.jspecify.annotations.NullMarked;
