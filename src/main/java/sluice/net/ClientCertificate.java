package sluice.net;

/** What the caller has shown of itself by a certificate, to the gateway or to a trusted proxy before it. */
public sealed interface ClientCertificate {

    /** It has shown none. */
    record None() implements ClientCertificate {}

    /** One that is good. */
    record Good(CertificateNames names) implements ClientCertificate {}

    /**
     * One that was good when the connection was opened, and is no more.
     *
     * @param why a sentence for the caller
     */
    record Lapsed(String why) implements ClientCertificate {}

    /** It has shown none. */
    ClientCertificate NONE = new None();
}
