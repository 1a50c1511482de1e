package sluice.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a trusted proxy that terminates mutual TLS says about its client's certificate in {@code x-forwarded-client-cert}, in
 * Envoy's form: elements separated by commas, one per proxy, each with pairs {@code Key=value} separated by semicolons; values
 * may be quoted. Only the last element counts, written by the gateway's own peer: earlier ones may come from its client.
 */
public final class ForwardedCertificate {
    private static final String KEYS = "by|hash|cert|chain|subject|uri|dns";

    private final String text;
    private int at;

    private ForwardedCertificate(String text) {
        this.text = text;
    }

    /** A value that is not in this form. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed() {
            super(null, null, false, false);
        }
    }

    /** Whom the last element names. */
    public static CertificateNames parse(String value) throws Malformed {
        return new ForwardedCertificate(value).last();
    }

    private CertificateNames last() throws Malformed {
        while (true) {
            CertificateNames names = element();
            if (at == text.length()) {
                return names;
            }
            next(',');
        }
    }

    private CertificateNames element() throws Malformed {
        List<String> uris = new ArrayList<>();
        List<String> hosts = new ArrayList<>();
        skipSpaces();
        while (true) {
            String key = key();
            String value = value();
            if (key.equals("uri") && !value.isEmpty()) {
                uris.add(value);
            } else if (key.equals("dns") && !value.isEmpty()) {
                hosts.add(value);
            }
            skipSpaces();
            if (at == text.length() || text.charAt(at) == ',') {
                return new CertificateNames(uris, hosts);
            }
            next(';');
        }
    }

    private String key() throws Malformed {
        int end = text.indexOf('=', at);
        if (end < 0) {
            throw new Malformed();
        }
        String key = text.substring(at, end).toLowerCase(Locale.ROOT);
        if (!key.matches(KEYS)) {
            throw new Malformed();
        }
        at = end + 1;
        return key;
    }

    private String value() throws Malformed {
        return at < text.length() && text.charAt(at) == '"' ? quoted() : plain();
    }

    private String plain() throws Malformed {
        int begin = at;
        while (at < text.length() && ",; ".indexOf(text.charAt(at)) < 0) {
            if (text.charAt(at) == '"') {
                throw new Malformed();
            }
            at++;
        }
        return text.substring(begin, at);
    }

    private String quoted() throws Malformed {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            if (c == '\\' && at + 1 < text.length()) {
                c = text.charAt(++at);
            }
            value.append(c);
        }
        throw new Malformed();
    }

    private void skipSpaces() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    private void next(char separator) throws Malformed {
        if (at == text.length() || text.charAt(at) != separator) {
            throw new Malformed();
        }
        at++;
    }
}
