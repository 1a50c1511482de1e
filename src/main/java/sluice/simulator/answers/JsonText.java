package sluice.simulator.answers;

/** JSON that a model writes, four characters to the token, cut where its output ends. */
final class JsonText implements Text {
    private static final int CHARACTERS_PER_TOKEN = 4;

    private final int[] characters;
    private final int tokens;
    private final boolean complete;

    private JsonText(int[] characters, int tokens, boolean complete) {
        this.characters = characters;
        this.tokens = tokens;
        this.complete = complete;
    }

    static JsonText of(String json, int maxTokens) {
        int[] characters = json.codePoints().toArray();
        int wanted = Math.ceilDiv(characters.length, CHARACTERS_PER_TOKEN);
        return new JsonText(characters, Math.min(wanted, maxTokens), wanted <= maxTokens);
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public String token(int index) {
        int from = index * CHARACTERS_PER_TOKEN;
        return new String(characters, from, Math.min(CHARACTERS_PER_TOKEN, characters.length - from));
    }

    @Override
    public boolean complete() {
        return complete;
    }
}
