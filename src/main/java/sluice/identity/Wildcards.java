package sluice.identity;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Patterns in which {@code *} stands for any run of characters but a separator. */
final class Wildcards {
    private Wildcards() {}

    /** @param open whether a final {@code *} stands for all the rest, separators included */
    static Pattern regex(String text, char separator, boolean open) {
        boolean rest = open && text.endsWith("*");
        String begin = rest ? text.substring(0, text.length() - 1) : text;
        String parts = Stream.of(begin.split("\\*", -1)).map(Pattern::quote)
                .collect(Collectors.joining("[^" + separator + "]*"));
        return Pattern.compile(rest ? parts + ".*" : parts, Pattern.DOTALL);
    }
}
