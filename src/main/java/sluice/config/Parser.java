package sluice.config;

/** Makes a value of the text that stands in the file. */
@FunctionalInterface
interface Parser<T> {
    T parse(String text) throws Unacceptable;
}
