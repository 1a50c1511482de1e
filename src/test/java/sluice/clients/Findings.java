package sluice.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What one client did in each case. All clients' findings of a run become one table. */
final class Findings {
    private static final Path FILE = Path.of("target/clients/results.md");
    private static final List<String> CASES = List.of("chat", "stream", "tool", "embedding", "structured", "websocket",
            "realtime", "limit", "spent", "wrong key");
    private static final Map<String, String> ROWS = new ConcurrentSkipListMap<>();

    private final Client client;
    private final Map<String, String> cells = new LinkedHashMap<>();
    private final Map<String, String> surprises = new LinkedHashMap<>();

    Findings(Client client) {
        this.client = client;
    }

    /** In this case the client did this, as was expected or not. */
    void add(String name, String shown, boolean expected, Object said) {
        cells.put(name, expected ? shown : "**" + shown + "**");
        if (!expected) {
            surprises.put(name, shown + ": " + said);
        }
    }

    /** The cases in which it did something else than expected. */
    Map<String, String> surprises() {
        return surprises;
    }

    /** Puts them into the table, which is written anew. */
    void write() throws IOException {
        ROWS.put(client.name(), row(Stream.concat(Stream.of(client.name(), client.version()),
                CASES.stream().map(name -> cells.getOrDefault(name, "–")))));
        String head = row(Stream.concat(Stream.of("client", "version"), CASES.stream()));
        String rule = row(Stream.generate(() -> "---").limit(CASES.size() + 2));
        Files.writeString(FILE, head + rule + String.join("", ROWS.values()));
    }

    private static String row(Stream<String> cells) {
        return cells.collect(Collectors.joining(" | ", "| ", " |\n"));
    }
}
