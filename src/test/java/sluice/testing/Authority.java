package sluice.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/** An authority that signs certificates for clients and servers; its own certificate is a PEM file. */
public final class Authority {
    private static final String PASSWORD = "password";
    private static final String CA = "ca";
    private static final String LEAF = "leaf";

    private final Path folder;
    private final Path store;

    private Authority(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("ca.p12");
    }

    /** A new one, with files in this folder. */
    public static Authority in(Path folder, String name) throws Exception {
        Authority authority = new Authority(Files.createDirectories(folder));
        keytool(authority.store, "-alias", CA, "-dname", "CN=" + name, "-ext", "bc:c=ca:true");
        Files.writeString(authority.pem(),
                pem("CERTIFICATE", authority.load(authority.store).getCertificate(CA).getEncoded()));
        return authority;
    }

    /** Its certificate. */
    public Path pem() {
        return folder.resolve("ca.pem");
    }

    /**
     * A certificate of its own making.
     *
     * @param names   as in {@code uri:spiffe://cluster.local/ns/search/sa/indexer,dns:search.internal}
     * @param options more of keytool's
     */
    public Issued issue(String name, String names, String... options) throws Exception {
        Path own = folder.resolve(name + ".p12");
        Files.copy(store, own);
        List<String> all = new ArrayList<>(
                List.of("-alias", LEAF, "-signer", CA, "-dname", "CN=" + name, "-ext", "SAN=" + names));
        all.addAll(List.of(options));
        keytool(own, all.toArray(String[]::new));
        KeyStore issued = load(own);
        Path chain = folder.resolve(name + ".crt");
        Path key = folder.resolve(name + ".key");
        Files.writeString(chain, pem("CERTIFICATE", issued.getCertificate(LEAF).getEncoded()));
        Files.writeString(key, pem("PRIVATE KEY", issued.getKey(LEAF, PASSWORD.toCharArray()).getEncoded()));
        issued.deleteEntry(CA);
        return new Issued(chain, key, issued);
    }

    /** A certificate and its key. */
    public record Issued(Path pem, Path key, KeyStore store) {

        /** A client's side that shows it, and trusts one server alone. */
        public SSLContext shownTo(Certificate server) throws GeneralSecurityException, IOException {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("server", server.store().getCertificate("server"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[]{new Insistent((X509ExtendedKeyManager) keys.getKeyManagers()[0])},
                    trust.getTrustManagers(), null);
            return context;
        }
    }

    /** Shows its certificate whether the server knows its authority or not. */
    private static final class Insistent extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;

        Insistent(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        private String alias() {
            return keys.getClientAliases("EC", null)[0];
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return alias();
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return alias();
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[]{alias()};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    private KeyStore load(Path file) throws GeneralSecurityException, IOException {
        return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
    }

    private static void keytool(Path store, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC", "-genkeypair", "-keyalg", "EC", "-storetype", "PKCS12", "-keystore",
                store.toString(), "-storepass", PASSWORD));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
    }

    private static String pem(String type, byte[] content) {
        String text = Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
    }
}
