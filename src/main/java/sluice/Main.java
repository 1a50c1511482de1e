package sluice;

import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Entry of the command line. */
@Command(name = "sluice", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, description = "A rate-limiting gateway between internal services and the OpenAI API.", subcommands = {
        Serve.class, Check.class, NewKey.class, Simulate.class, Demo.class})
public final class Main {
    private Main() {}

    /** Runs one command; exits with 0 if it went well, 1 if it failed, 2 if it was called or configured wrongly. */
    public static void main(String[] arguments) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    /** What was built. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** Tells the version on the command line. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[]{"sluice " + version() + " on Java " + Runtime.version()};
        }
    }
}
