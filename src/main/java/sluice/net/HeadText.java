package sluice.net;

/** What the head of a message may consist of, in any version of HTTP (RFC 9110, sections 5.5, 5.6.2 and 8.6). */
public final class HeadText {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final boolean[] TOKEN = new boolean[128];
    private static final int DELETE = 0x7f;
    private static final int LAST = 0xff;
    /** The most digits of a content length that fit a number here. */
    private static final int LONGEST_LENGTH = 18;

    static {
        for (char c = 0; c < TOKEN.length; c++) {
            TOKEN[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                    || TOKEN_MARKS.indexOf(c) >= 0;
        }
    }

    private HeadText() {}

    /** Whether the name of a header or a method may hold it. */
    public static boolean isOfToken(int c) {
        return c >= 0 && c < TOKEN.length && TOKEN[c];
    }

    /** Whether a value may hold it: a tab is the only control character allowed, bytes above ASCII are opaque. */
    public static boolean isOfValue(int c) {
        return (c >= ' ' || c == '\t') && c != DELETE && c <= LAST;
    }

    /** Whether it is one content length. */
    public static boolean isLength(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                return false;
            }
        }
        return !value.isEmpty() && value.length() <= LONGEST_LENGTH;
    }
}
