package sluice.identity;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.net.CertificateNames;

/**
 * A pattern for a subject alternative name. With {@code ://} it is for URIs: {@code *} matches any run of characters but
 * {@code /}, and at the end all the rest. Otherwise it is for DNS names, and {@code *} matches anything but a dot.
 *
 * @param text as in the configuration, for example {@code spiffe://cluster.local/ns/search/*}
 */
public record NamePattern(String text) {

    /** The first name that it matches. */
    Optional<String> in(CertificateNames names) {
        if (text.contains("://")) {
            Pattern uri = Wildcards.regex(text, '/', true);
            return names.uris().stream().filter(name -> uri.matcher(name).matches()).findFirst();
        }
        Pattern host = Wildcards.regex(text.toLowerCase(Locale.ROOT), '.', false);
        return names.hosts().stream().map(name -> name.toLowerCase(Locale.ROOT))
                .filter(name -> host.matcher(name).matches()).findFirst();
    }

    @Override
    public String toString() {
        return text;
    }
}
