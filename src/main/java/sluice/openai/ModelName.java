package sluice.openai;

/** What may be the name of a model: short, since it stands in logs, labels and shared state, and printable. */
public final class ModelName {
    /** The most characters that a name has. */
    public static final int LONGEST = 256;

    private ModelName() {}

    /** Whether it may be one. */
    public static boolean fits(String name) {
        return name.length() <= LONGEST && name.chars().noneMatch(Character::isISOControl);
    }

    static String checked(String field, String name) throws MalformedBody {
        if (!fits(name)) {
            throw fault(field);
        }
        return name;
    }

    /** A field holds what cannot be one. */
    static MalformedBody fault(String field) {
        return MalformedBody.wrongType(field, "the name of a model, of at most " + LONGEST + " characters");
    }
}
