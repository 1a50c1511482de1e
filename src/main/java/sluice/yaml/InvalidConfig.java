package sluice.yaml;

import java.io.Serial;
import java.util.List;

/** A configuration that cannot be used, with all its problems. The message lists them, one per line. */
public final class InvalidConfig extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    InvalidConfig(String source, List<Problem> problems) {
        super(report(source, problems), null, false, false);
        this.problems = List.copyOf(problems);
    }

    /** For a valid file that a running gateway cannot switch to. */
    public static InvalidConfig needsRestart(String source, List<Problem> problems) {
        return new InvalidConfig(source, problems);
    }

    /** In file order; never empty. */
    public List<Problem> problems() {
        return problems;
    }

    private static String report(String source, List<Problem> problems) {
        StringBuilder report = new StringBuilder(source).append(": ").append(problems.size())
                .append(problems.size() == 1 ? " problem" : " problems");
        problems.forEach(problem -> report.append('\n').append(problem));
        return report.toString();
    }
}
