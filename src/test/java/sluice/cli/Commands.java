package sluice.cli;

import picocli.CommandLine;

/** The command line, for tests of what documents say about it. */
public final class Commands {
    private Commands() {}

    /** With every command. */
    public static CommandLine line() {
        return Main.line();
    }
}
