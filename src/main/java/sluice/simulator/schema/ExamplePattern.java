package sluice.simulator.schema;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/**
 * A short string that a regular expression finds: of alternatives the first, of repetitions the fewest. Expressions that
 * look around or refer back may be beyond it.
 */
final class ExamplePattern {
    private static final int PATTERN_MAX = 1000;
    private static final int LENGTH_MAX = 10_000;
    private static final String PREFERRED = "a0A";

    private final String pattern;
    private int at;

    private ExamplePattern(String pattern) {
        this.pattern = pattern;
    }

    static Optional<String> of(String pattern) {
        if (pattern.length() > PATTERN_MAX) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ExamplePattern(pattern).alternatives()).filter(string -> finds(pattern, string));
        } catch (PatternSyntaxException | StringIndexOutOfBoundsException notUnderstood) {
            return Optional.empty();
        }
    }

    static boolean finds(String pattern, String string) {
        try {
            return pattern.length() <= PATTERN_MAX && Pattern.compile(pattern).matcher(string).find();
        } catch (PatternSyntaxException notUnderstood) {
            return false;
        }
    }

    private String alternatives() {
        String first = sequence();
        while (sees('|')) {
            at++;
            sequence();
        }
        return first;
    }

    private String sequence() {
        StringBuilder sequence = new StringBuilder();
        while (at < pattern.length() && !sees('|') && !sees(')')) {
            String atom = atom();
            int times = times();
            for (int i = 0; i < times && sequence.length() < LENGTH_MAX; i++) {
                sequence.append(atom);
            }
        }
        return sequence.toString();
    }

    private String atom() {
        char first = pattern.charAt(at++);
        return switch (first) {
            case '^', '$' -> "";
            case '.' -> "a";
            case '(' -> group();
            case '[' -> character(at - 1, endOfClass());
            case '\\' -> character(at - 1, endOfEscape());
            default -> String.valueOf(first);
        };
    }

    /** What a group holds; what it looks for around it is not part of the string. */
    private String group() {
        boolean around = pattern.startsWith("?=", at) || pattern.startsWith("?!", at) || pattern.startsWith("?<=", at)
                || pattern.startsWith("?<!", at);
        if (sees('?')) {
            at = pattern.startsWith("?:", at) || around ? at + 2 : past('>');
        }
        String inner = alternatives();
        at++;
        return around ? "" : inner;
    }

    private int endOfClass() {
        at = pattern.startsWith("^", at) ? at + 2 : at + 1;
        while (!sees(']')) {
            at += sees('\\') ? 2 : 1;
        }
        return ++at;
    }

    private int endOfEscape() {
        char kind = pattern.charAt(at++);
        if (kind == 'u') {
            at += 4;
        } else if (kind == 'x') {
            at += 2;
        } else if ((kind == 'p' || kind == 'P') && sees('{')) {
            at = past('}');
        }
        return at;
    }

    /** A character that this part of the expression matches; nothing if it matches none of the printable ones. */
    private String character(int from, int to) {
        Pattern part = Pattern.compile(pattern.substring(from, to));
        return IntStream.concat(PREFERRED.chars(), IntStream.rangeClosed(' ', '~'))
                .mapToObj(Character::toString).filter(each -> part.matcher(each).matches()).findFirst().orElse("");
    }

    /** The fewest repetitions of what was just read. */
    private int times() {
        int times = 1;
        if (sees('?') || sees('*')) {
            times = 0;
            at++;
        } else if (sees('+')) {
            at++;
        } else if (sees('{') && Character.isDigit(pattern.charAt(at + 1))) {
            int end = past('}');
            String least = pattern.substring(at + 1, end - 1).replaceAll(",.*", "");
            times = least.length() > 5 ? LENGTH_MAX : Integer.parseInt(least);
            at = end;
        } else {
            return times;
        }
        if (sees('?') || sees('+')) {
            at++;
        }
        return times;
    }

    /** The place after the next such character. */
    private int past(char end) {
        int found = pattern.indexOf(end, at);
        if (found < 0) {
            throw new PatternSyntaxException("no " + end, pattern, at);
        }
        return found + 1;
    }

    private boolean sees(char next) {
        return at < pattern.length() && pattern.charAt(at) == next;
    }
}
