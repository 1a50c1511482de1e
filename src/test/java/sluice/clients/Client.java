package sluice.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A client that people use, as a row of {@code clients.tsv} describes it.
 *
 * @param packages  and their releases, as its language's installer takes them
 * @param cases     what its script can do, besides what all can
 * @param wrongKey  what it raises for a key that is not valid
 * @param overLimit what it raises for a limit that no waiting helps
 * @param waits     whether it waits as long as a refusal says, and tries again
 * @param always    whether every build runs it; the others run nightly
 */
record Client(String name, String language, List<String> packages, String script, List<String> cases, Raised wrongKey,
        Raised overLimit, boolean waits, boolean always) {
    private static final Path TABLE = Path.of("src/test/clients/unchanged/clients.tsv");

    /**
     * What it raises, and after how many requests.
     *
     * @param error the name of its class
     */
    record Raised(String error, int requests) {
        private static Raised of(String cell) {
            int last = cell.lastIndexOf(' ');
            return new Raised(cell.substring(0, last), Integer.parseInt(cell.substring(last + 1)));
        }
    }

    /** Every client of the table. */
    static List<Client> all() {
        try {
            return Files.readAllLines(TABLE).stream().skip(1).map(Client::of).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Client of(String line) {
        String[] cells = line.split("\t", -1);
        return new Client(cells[0], cells[1], words(cells[2]), cells[3], words(cells[4]), Raised.of(cells[5]),
                Raised.of(cells[6]), yes(cells[7]), yes(cells[8]));
    }

    private static List<String> words(String cell) {
        return List.of(cell.split(" "));
    }

    private static boolean yes(String cell) {
        return switch (cell) {
            case "yes" -> true;
            case "no" -> false;
            default -> throw new IllegalArgumentException(cell + " (expected: yes or no)");
        };
    }

    /** The release of its first package. */
    String version() {
        return packages.getFirst().replaceFirst(".*[=@]v?", "");
    }

    @Override
    public String toString() {
        return name;
    }
}
