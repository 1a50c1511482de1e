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
        String refusal = refusal(System.getProperty("java.specification.version"));
        if (refusal != null) {
            System.err.println(refusal);
            System.exit(2);
        }
        Class<?> program;
        try {
            program = Class.forName("sluice.cli.Main");
        } catch (NoClassDefFoundError missing) {
            System.err.println("Sluice's libraries are missing: its jar must be next to the folder lib that came with"
                    + " it, as the build leaves them in target (" + missing.getMessage() + ")");
            System.exit(2);
            return;
        }
        program.getMethod("main", String[].class).invoke(null, (Object) arguments);
    }

    /** Why a Java of this version will not do; null if it will. */
    static String refusal(String version) {
        if (!version.startsWith("1.") && Integer.parseInt(version) >= NEEDED) {
            return null;
        }
        return "Sluice needs Java " + NEEDED + "; this is Java " + System.getProperty("java.version") + " at "
                + System.getProperty("java.home") + ". Start it with the java of a JDK " + NEEDED;
    }
}
