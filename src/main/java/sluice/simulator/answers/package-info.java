/**
 * What models answer: text, tool calls, embeddings, images, sound, and what each costs. An <em>ask</em> is a request to
 * a model that has been read and found in order; its answer depends on the request alone, save for its id and date.
 * Nothing here stores anything or knows who asks. Of our own packages it imports only {@code sluice.simulator.wire}.
 */
@NullMarked
package sluice.simulator.answers;

import org.jspecify.annotations.NullMarked;
