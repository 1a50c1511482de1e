package sluice.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate of its own authority, and its key, as PEM files.
 *
 * @param pem the certificate
 * @param key its private key
 */
public record Certificate(Path pem, Path key, KeyStore store) {
    private static final String PASSWORD = "password";
    private static final String ALIAS = "server";

    /** For a host with this address. */
    public static Certificate selfSigned(Path directory, String address)
            throws IOException, InterruptedException, GeneralSecurityException {
        return selfSigned(directory, address, "localhost", "-keyalg", "EC");
    }

    /**
     * Likewise.
     *
     * @param name    of the holder
     * @param options more of keytool's
     */
    public static Certificate selfSigned(Path directory, String address, String name, String... options)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path file = directory.resolve("store.p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC", "-genkeypair", "-alias", ALIAS,
                "-storetype", "PKCS12", "-keystore", file.toString(), "-storepass", PASSWORD, "-dname", "CN=" + name,
                "-ext", "SAN=IP:" + address));
        command.addAll(List.of(options));
        new ProcessBuilder(command).inheritIO().start().waitFor();
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        Path pem = directory.resolve("certificate.pem");
        Path key = directory.resolve("key.pem");
        Files.writeString(pem, pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded()));
        Files.writeString(key, pem("PRIVATE KEY", store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()));
        return new Certificate(pem, key, store);
    }

    /** A client's side that trusts it alone. */
    public SSLContext trusting() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, store.getCertificate(ALIAS));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static String pem(String type, byte[] content) {
        String text = Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
    }
}
