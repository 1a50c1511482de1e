/**
 * The official SDKs as clients of a running gateway. Python and Node are scripts under {@code src/test/clients} that do
 * one scenario each and say what they saw in lines of JSON; Java does the same in this process. So a test is written
 * once, for all of them.
 */
@NullMarked
package sluice.clients;

import org.jspecify.annotations.NullMarked;
