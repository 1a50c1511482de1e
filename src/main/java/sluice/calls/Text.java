package sluice.calls;

/** Makes texts that others choose fit for a column: a database rejects some characters, and with them a whole batch. */
final class Text {
    private static final int LONGEST = 1024;

    private Text() {}

    static String fit(String text) {
        String cut = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        for (int i = 0; i < cut.length(); i++) {
            if (!isPlain(cut.charAt(i))) {
                return replaced(cut);
            }
        }
        return cut;
    }

    private static String replaced(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                plain.append(c).append(text.charAt(++i));
            } else {
                plain.append(isPlain(c) ? c : '?');
            }
        }
        return plain.toString();
    }

    /** Neither a control character nor half of a surrogate pair. */
    private static boolean isPlain(char c) {
        return c >= ' ' && c != 0x7f && !Character.isSurrogate(c);
    }
}
