/**
 * The configuration file as a tree of records: reading, checking, and the words of every mistake. Settings records are
 * nested in the types that they configure; this package only fills them.
 */
@NullMarked
package sluice.config;

import org.jspecify.annotations.NullMarked;
