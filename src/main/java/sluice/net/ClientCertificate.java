package sluice.net;

/** The certificate a caller presented, to the gateway or to a trusted proxy in front of it. */
public sealed interface ClientCertificate {

    /** It presented none. */
    record None() implements ClientCertificate {}

    /** A valid one. */
    record Good(CertificateNames names) implements ClientCertificate {}

    /**
     * One that was valid when the connection was opened, and no longer is.
     *
     * @param why a sentence for the caller
     */
    record Lapsed(String why) implements ClientCertificate {}

    /** It presented none. */
    ClientCertificate NONE = new None();
}
