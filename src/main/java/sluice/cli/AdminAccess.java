package sluice.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The way to the admin API of a running gateway, for the commands that use it. */
final class AdminAccess {
    private static final String VARIABLE = "SLUICE_ADMIN_TOKEN";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PAGE = 1_000;

    @Option(names = "--url", paramLabel = "URL", defaultValue = "http://127.0.0.1:9090", description = "The admin listener (${DEFAULT-VALUE}).")
    private URI url = URI.create("");

    @Option(names = "--token-file", paramLabel = "FILE", description = "A file with the token; without it, the variable "
            + VARIABLE + ".")
    private @Nullable Path tokenFile;

    @Option(names = "--ca-file", paramLabel = "FILE", description = "PEM certificates trusted instead of the platform's.")
    private @Nullable Path caFile;

    private @Nullable HttpClient client;
    private String token = "";

    /** What the gateway refuses, or why it cannot be asked. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** All items of a list. */
    List<JsonObject> all(String path) throws IOException, InterruptedException {
        List<JsonObject> items = new ArrayList<>();
        String cursor = "";
        while (true) {
            String query = (path.contains("?") ? "&" : "?") + "limit=" + PAGE;
            JsonObject page = send("GET", path + query + (cursor.isEmpty() ? "" : "&cursor=" + cursor), null);
            JsonArray data = page.getJsonArray("data");
            for (int i = 0; i < data.size(); i++) {
                items.add(data.getJsonObject(i));
            }
            if (!page.getBoolean("has_more")) {
                return items;
            }
            cursor = page.getString("next_cursor");
        }
    }

    /** Sends a request and returns the answer's body; fails with what the gateway says if it refuses. */
    JsonObject send(String method, String path, @Nullable JsonObject body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + "/admin/v1" + path)).timeout(PATIENCE)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.encode()));
        HttpClient open = client();
        if (!token.isEmpty()) {
            request.header("authorization", "Bearer " + token);
        }
        HttpResponse<String> answer;
        try {
            answer = open.send(request.build(), BodyHandlers.ofString());
        } catch (IOException away) {
            throw new Refused("the gateway at " + url + " is not answering: " + away);
        }
        if (answer.statusCode() < 300) {
            return new JsonObject(answer.body());
        }
        String said = answer.body().startsWith("{")
                ? new JsonObject(answer.body()).getJsonObject("error", new JsonObject()).getString("message", "")
                : "";
        String login = answer.statusCode() == 401 ? " Set " + VARIABLE + " to admin.token, or give --token-file." : "";
        throw new Refused(method + " " + path + ": " + answer.statusCode() + " " + said + login);
    }

    private HttpClient client() throws IOException {
        HttpClient open = client;
        if (open == null) {
            String variable = System.getenv(VARIABLE);
            String named = System.getenv(VARIABLE + "_FILE");
            Path file = tokenFile == null && variable == null && named != null ? Path.of(named) : tokenFile;
            token = file != null ? Files.readString(file).strip() : variable == null ? "" : variable;
            HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(PATIENCE);
            if (caFile != null) {
                builder.sslContext(trusting(caFile));
            }
            open = builder.build();
            client = open;
        }
        return open;
    }

    private static SSLContext trusting(Path pem) throws IOException {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(pem)))) {
                trusted.setCertificateEntry(Integer.toString(++number), each);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new Refused(pem + " contains no readable certificates");
        }
    }
}
