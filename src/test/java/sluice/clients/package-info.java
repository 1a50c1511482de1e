/**
 * The official SDKs as clients of a running gateway. Python and Node are scripts under {@code src/test/clients} that do
 * one scenario each and say what they saw in lines of JSON; Java does the same in this process. So a test is written
 * once, for all of them.
 *
 * <p>The frameworks and programs that people build on them are rows of {@code unchanged/clients.tsv}, each with a script
 * that does the same cases in the client's own way, and an environment of its own.
 */
@NullMarked
package sluice.clients;

import org.jspecify.annotations.NullMarked;
