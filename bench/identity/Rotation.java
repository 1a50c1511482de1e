import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Services whose token is replaced every three seconds, and whose issuer, which is certified, signs with a new key every minute.
 * Each SDK reads the file for each call.
 */
final class Rotation {
    private static final String SUBJECT = "system:serviceaccount:search:indexer";
    private static final int EVERY_MILLIS = 3_000;
    private static final int LIFE_SECONDS = 10;
    private static final int TOKENS_PER_KEY = 20;
    private static final int PAUSE_MILLIS = 100;

    private Rotation() {}

    static Identity.Report run(Path work, int minutes) throws Exception {
        Path file = Files.createDirectories(work.resolve("rotation")).resolve("token").toAbsolutePath();
        Files.deleteIfExists(file);
        Path folder = work.resolve("rotation");
        JsonObject wanted = new JsonObject().put("subject", SUBJECT).put("audience", "sluice")
                .put("file", file.toString()).put("lifeSeconds", LIFE_SECONDS).put("everyMillis", EVERY_MILLIS)
                .put("tokensPerKey", TOKENS_PER_KEY).put("keyChanges", Integer.MAX_VALUE);
        Process issuer = new ProcessBuilder("node", work.resolve("node/issuer.js").toString(), wanted.encode())
                .redirectError(folder.resolve("issuer.err").toFile()).start();
        String address = new JsonObject(issuer.inputReader().readLine()).getString("issuer");
        try (Lab lab = new Lab(folder, """
                identity:
                  issuers:
                    - issuer: %s
                      audience: sluice
                      tenants: [{ match: { sub: "system:serviceaccount:search:*" }, tenant: search }]
                """.formatted(address))) {
            String call = new JsonObject().put("base", "http://127.0.0.1:" + lab.port + "/v1")
                    .put("file", file.toString()).put("millis", minutes * 60_000).put("pauseMillis", PAUSE_MILLIS)
                    .encode();
            Map<String, Lab.Started> clients = new LinkedHashMap<>();
            clients.put("Python", lab.start("python", List.of(work.resolve("python/bin/python").toString(),
                    "src/test/clients/python/rotating.py", call)));
            clients.put("Node", lab.start("node", List.of("node", work.resolve("node/rotating.js").toString(), call)));
            clients.put("Java", lab.start("java", List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-cp",
                    System.getProperty("java.class.path"), "JavaCaller", call)));
            return report(clients, minutes);
        } finally {
            issuer.destroy();
        }
    }

    private static Identity.Report report(Map<String, Lab.Started> clients, int minutes) throws Exception {
        StringBuilder text = new StringBuilder("| SDK, " + minutes + " min | calls | tokens | failures |\n|---|---|---|---|\n");
        boolean broken = false;
        for (Map.Entry<String, Lab.Started> each : clients.entrySet()) {
            if (each.getValue().process().waitFor() != 0) {
                throw new IOException(each.getKey() + " failed; see " + each.getValue().output());
            }
            // Libraries may have logged before.
            JsonObject told = new JsonObject(Files.readAllLines(each.getValue().output()).getLast());
            int failures = told.getJsonArray("failures").size();
            broken |= failures > 0 || told.getInteger("tokens") < minutes * 15;
            text.append("| ").append(each.getKey()).append(" | ").append(told.getInteger("calls")).append(" | ")
                    .append(told.getInteger("tokens")).append(" | ").append(failures).append(" |\n");
            told.getJsonArray("failures").stream().distinct().limit(5)
                    .forEach(failure -> System.err.println(each.getKey() + ": " + failure));
        }
        return new Identity.Report(text.toString(), broken);
    }
}
