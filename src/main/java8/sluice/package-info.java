/** What {@code java -jar} starts, on any Java since 8. */
package sluice;
