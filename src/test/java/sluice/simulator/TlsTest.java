package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void speaksHttp2WhenTheClientOffersIt() throws Exception {
        Path certificate = directory.resolve("certificate.pem");
        Path key = directory.resolve("key.pem");
        make(certificate, key);
        Caller caller = new Caller(Simulator.Settings.defaults().withCertificate(certificate, key));
        try {
            assertThat(versionOffering(caller, HttpVersion.HTTP_2)).isEqualTo(HttpVersion.HTTP_2);
            assertThat(versionOffering(caller, HttpVersion.HTTP_1_1)).isEqualTo(HttpVersion.HTTP_1_1);
        } finally {
            caller.close();
        }
    }

    private static HttpVersion versionOffering(Caller caller, HttpVersion version) throws Exception {
        HttpClientOptions options = new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false)
                .setUseAlpn(true).setProtocolVersion(version);
        RequestOptions request = new RequestOptions().setMethod(HttpMethod.GET).setHost("127.0.0.1")
                .setPort(caller.simulator.port()).setURI("/v1/models")
                .putHeader("authorization", "Bearer " + Caller.KEY);
        HttpClient client = caller.vertx().createHttpClient(options);
        try {
            return client.request(request)
                    .compose(outgoing -> outgoing.send().map(HttpClientResponse::statusCode)
                            .map(status -> status == 200 ? outgoing.version() : HttpVersion.HTTP_1_0))
                    .toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } finally {
            client.close();
        }
    }

    private void make(Path certificate, Path key) throws Exception {
        Path store = directory.resolve("store.p12");
        new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
                "-alias", "simulator", "-keyalg", "EC", "-storetype", "PKCS12", "-keystore", store.toString(),
                "-storepass", String.valueOf(PASSWORD), "-dname", "CN=localhost").inheritIO().start().waitFor();
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
        Files.write(certificate, pem("CERTIFICATE", keys.getCertificate("simulator").getEncoded()).getBytes());
        Files.write(key, pem("PRIVATE KEY", keys.getKey("simulator", PASSWORD).getEncoded()).getBytes());
    }

    private static Buffer pem(String type, byte[] content) {
        String text = Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(content);
        return Buffer.buffer("-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }
}
