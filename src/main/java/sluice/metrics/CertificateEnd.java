package sluice.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.function.DoubleSupplier;

/**
 * When a certificate ends, in seconds since 1970, as its file says at the moment of asking; not a number if it cannot.
 *
 * @param file PEM, of which the first certificate counts
 */
public record CertificateEnd(Path file) implements DoubleSupplier {

    @Override
    public double getAsDouble() {
        try (InputStream in = Files.newInputStream(file)) {
            X509Certificate first = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return first.getNotAfter().toInstant().getEpochSecond();
        } catch (IOException | CertificateException unreadable) {
            return Double.NaN;
        }
    }
}
