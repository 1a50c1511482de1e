/**
 * JSON schemas, and values that fit them: what a model answers when a call wants its answer in a schema, or calls a
 * tool. Imports nothing of ours.
 */
@NullMarked
package sluice.simulator.schema;

import org.jspecify.annotations.NullMarked;
