package sluice.net;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import sluice.net.SmallFile.Unfit;

/**
 * A certificate chain and its private key, read from two PEM files and verified to be usable, as a server's or a
 * client's. Two are equal if their files had the same contents.
 */
public final class CertifiedKey {
    /** A chain takes a few kilobytes; a bundle of every public authority fits as well. */
    private static final int LONGEST = 1 << 20;

    private static final String CHAIN = "PEM, the certificate of the key first, then each certificate's issuer";
    private static final String KEY = "the private key in PEM, not encrypted";
    private static final List<String> KEY_TYPES = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");
    private static final byte[] PROBE = "belongs together".getBytes(StandardCharsets.US_ASCII);

    private final byte[] chain;
    private final byte[] key;
    private final Instant notAfter;

    private CertifiedKey(byte[] chain, byte[] key, Instant notAfter) {
        this.chain = chain;
        this.key = key;
        this.notAfter = notAfter;
    }

    /** An unusable file: which one, and why. */
    public static final class Unusable extends IOException {
        private static final long serialVersionUID = 1;

        private final boolean key;
        private final Unfit why;

        private Unusable(Path file, boolean key, Unfit why) {
            super(file + " " + why.getMessage());
            this.key = key;
            this.why = why;
        }

        /** Whether it is the key's file rather than the certificate's. */
        public boolean isKey() {
            return key;
        }

        /** What is wrong with it. */
        public Unfit why() {
            return why;
        }
    }

    /**
     * Reads the pair from two files.
     *
     * @param now must be within the certificate's validity
     */
    public static CertifiedKey read(Path certificate, Path key, Instant now) throws Unusable {
        byte[] chain = content(certificate, false);
        byte[] privateKey = content(key, true);
        try {
            List<X509Certificate> certificates = certificates(chain);
            refuseKey(certificate, certificates, key, privateKey);
            refuseDisorder(certificates);
            refuseOutOfTime(certificates.getFirst(), now);
            return new CertifiedKey(chain, privateKey, certificates.getFirst().getNotAfter().toInstant());
        } catch (Unfit why) {
            throw new Unusable(certificate, false, why);
        }
    }

    /** Checks a file of CA certificates. */
    public static void readAuthorities(Path file) throws Unusable {
        authorities(file, content(file, false));
    }

    /** What a file of certificates holds. */
    static byte[] contentOf(Path file) throws Unusable {
        return content(file, false);
    }

    /** The certificates of authorities in what a file holds. */
    static List<X509Certificate> authorities(Path file, byte[] pem) throws Unusable {
        try {
            return certificates(pem);
        } catch (Unfit why) {
            throw new Unusable(file, false, why);
        }
    }

    /** When the certificate of the key expires. */
    public Instant notAfter() {
        return notAfter;
    }

    /** What was read, for a server or a client, whatever the files hold by now. */
    public PemKeyCertOptions options() {
        return new PemKeyCertOptions().setCertValue(Buffer.buffer(chain)).setKeyValue(Buffer.buffer(key));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CertifiedKey pair && Arrays.equals(chain, pair.chain) && Arrays.equals(key, pair.key);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(chain);
    }

    private static byte[] content(Path file, boolean key) throws Unusable {
        try {
            byte[] content = SmallFile.read(file, LONGEST);
            if (content.length == 0) {
                throw new Unfit("is empty", "PEM");
            }
            return content;
        } catch (Unfit why) {
            throw new Unusable(file, key, why);
        } catch (NoSuchFileException absent) {
            throw new Unusable(file, key, new Unfit("does not exist", "a file in PEM"));
        } catch (IOException unreadable) {
            throw new Unusable(file, key, new Unfit("cannot be read", "a file that this user may read"));
        }
    }

    private static List<X509Certificate> certificates(byte[] pem) throws Unfit {
        try {
            List<X509Certificate> all = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem)).stream().map(X509Certificate.class::cast)
                    .toList();
            if (!all.isEmpty()) {
                return all;
            }
        } catch (CertificateException none) {
            // It is not a certificate chain.
        }
        throw new Unfit("holds no certificate that can be read", CHAIN);
    }

    private static void refuseOutOfTime(X509Certificate own, Instant now) throws Unfit {
        Instant begin = own.getNotBefore().toInstant();
        Instant end = own.getNotAfter().toInstant();
        if (now.isAfter(end)) {
            throw new Unfit("expired at " + end, "a renewed certificate");
        }
        if (now.isBefore(begin)) {
            throw new Unfit("is not valid before " + begin,
                    "a certificate that is valid now, and a clock that is right");
        }
    }

    private static void refuseDisorder(List<X509Certificate> chain) throws Unfit {
        for (int i = 1; i < chain.size(); i++) {
            if (!chain.get(i - 1).getIssuerX500Principal().equals(chain.get(i).getSubjectX500Principal())) {
                throw new Unfit("has a certificate at place " + (i + 1) + " that did not issue the one before it",
                        CHAIN);
            }
        }
    }

    private static void refuseKey(Path certificate, List<X509Certificate> chain, Path key, byte[] pem)
            throws Unfit, Unusable {
        if (new String(pem, StandardCharsets.ISO_8859_1).contains("ENCRYPTED")) {
            throw new Unusable(key, true, new Unfit("is encrypted", KEY + ", such as openssl pkey -in FILE writes it"));
        }
        try {
            if (belongs(pem, chain.getFirst())) {
                return;
            }
            for (X509Certificate other : chain) {
                if (belongs(pem, other)) {
                    throw new Unfit("does not begin with the certificate of the key " + key, CHAIN);
                }
            }
        } catch (GeneralSecurityException unreadable) {
            throw new Unusable(key, true, new Unfit("holds no private key that can be read", KEY));
        }
        throw new Unusable(key, true, new Unfit("does not belong to the certificate " + certificate,
                "the key that the certificate was made for"));
    }

    /** Whether the certificate verifies what the key signs. The key is parsed by the code that will use it. */
    private static boolean belongs(byte[] key, X509Certificate certificate) throws GeneralSecurityException {
        PrivateKey signing = privateKey(key, certificate);
        if (signing == null) {
            return false;
        }
        Signature signature = Signature.getInstance(switch (signing.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> signing.getAlgorithm();
        });
        try {
            signature.initSign(signing);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (SignatureException | InvalidKeyException otherKind) {
            return false;
        }
    }

    /** Null if its algorithm is not the certificate's. */
    private static @Nullable PrivateKey privateKey(byte[] key, X509Certificate certificate)
            throws GeneralSecurityException {
        PemKeyCertOptions pair = new PemKeyCertOptions().setKeyValue(Buffer.buffer(key))
                .setCertValue(Buffer.buffer(pem(certificate)));
        try {
            return privateKey(keyManagers(pair));
        } catch (IllegalArgumentException mismatch) {
            if (String.valueOf(mismatch.getMessage()).contains("does not match")) {
                return null;
            }
            throw new GeneralSecurityException(mismatch);
        } catch (Exception unreadable) {
            throw new GeneralSecurityException(unreadable);
        }
    }

    /** Values need no Vert.x; only files are looked up through it. */
    @SuppressWarnings("NullAway")
    private static KeyManagerFactory keyManagers(PemKeyCertOptions pair) throws Exception {
        return pair.getKeyManagerFactory(null);
    }

    private static PrivateKey privateKey(KeyManagerFactory factory) throws GeneralSecurityException {
        for (KeyManager manager : factory.getKeyManagers()) {
            if (manager instanceof X509KeyManager keys) {
                for (String type : KEY_TYPES) {
                    String[] aliases = keys.getServerAliases(type, null);
                    if (aliases != null && aliases.length > 0) {
                        return keys.getPrivateKey(aliases[0]);
                    }
                }
            }
        }
        throw new GeneralSecurityException("no key");
    }

    private static String pem(X509Certificate certificate) throws GeneralSecurityException {
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
