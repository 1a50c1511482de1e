package sluice.litellm;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * A Redis server's URL, taken apart: ours has no login in it.
 *
 * @param url      without the login
 * @param user     empty for the default one
 * @param password in plain text; empty if the URL has none
 */
record RedisAddress(String url, String user, String password) {

    static RedisAddress of(String text) {
        try {
            URI url = URI.create(text);
            String login = url.getRawUserInfo();
            if (login == null) {
                return new RedisAddress(text, "", "");
            }
            int colon = login.indexOf(':');
            String bare = url.getScheme() + "://" + url.getRawAuthority().substring(login.length() + 1)
                    + url.getRawPath();
            return new RedisAddress(bare, decoded(colon < 0 ? login : login.substring(0, colon)),
                    decoded(colon < 0 ? "" : login.substring(colon + 1)));
        } catch (IllegalArgumentException inVariable) {
            int at = text.lastIndexOf('@');
            int start = text.indexOf("://") + 3;
            return at < start
                    ? new RedisAddress(text, "", "")
                    : new RedisAddress(text.substring(0, start) + text.substring(at + 1), "",
                            text.substring(text.indexOf(':', start) + 1, at));
        }
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** As it is, except for the password. */
    @Override
    public String toString() {
        return url;
    }
}
