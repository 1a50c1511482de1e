package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.Certificate;

class CertificateEndTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void isTheEndOfTheCertificateInTheFile() throws Exception {
        Certificate made = Certificate.selfSigned(directory, "127.0.0.1");
        X509Certificate certificate = (X509Certificate) made.store()
                .getCertificate(made.store().aliases().nextElement());

        assertThat(new CertificateEnd(made.pem()).getAsDouble())
                .isEqualTo((double) certificate.getNotAfter().toInstant().getEpochSecond());
    }

    @Test
    void isNoNumberWhereThereIsNoCertificate() {
        assertThat(new CertificateEnd(directory.resolve("nothing.pem")).getAsDouble()).isNaN();
    }
}
