package sluice;

/**
 * What {@code java -jar} starts. It is compiled for Java 8, so that an older Java than the gateway needs says so in one
 * line instead of with a stack trace.
 */
public final class Launch {
    private static final int NEEDED = 25;

    private Launch() {}

    /** Runs the command line, or exits with 2. */
    public static void main(String[] arguments) throws Exception {
        String version = System.getProperty("java.specification.version");
        if (version.startsWith("1.") || Integer.parseInt(version) < NEEDED) {
            System.err.println("Sluice needs Java " + NEEDED + "; this is Java " + System.getProperty("java.version")
                    + " at " + System.getProperty("java.home"));
            System.exit(2);
        }
        Class.forName("sluice.cli.Main").getMethod("main", String[].class).invoke(null, (Object) arguments);
    }
}
