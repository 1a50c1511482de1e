package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.Certificate;

@Timeout(60)
class TlsTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void speaksHttp2WhenTheClientOffersIt() throws Exception {
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.1");
        Caller caller = new Caller(Simulator.Settings.defaults().withCertificate(certificate.pem(), certificate.key()));
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
}
