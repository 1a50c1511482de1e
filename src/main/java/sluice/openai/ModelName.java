package sluice.openai;

/** The rule for model names: printable, and short because they appear in logs, labels and shared state. */
public final class ModelName {
    /** The most characters in a name. */
    public static final int LONGEST = 256;

    private ModelName() {}

    /** Whether this may be a model name. */
    public static boolean fits(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                return false;
            }
        }
        return name.length() <= LONGEST;
    }

    static String checked(String field, String name) throws MalformedBody {
        if (!fits(name)) {
            throw fault(field);
        }
        return name;
    }

    /** The error for a field that does not hold a model name. */
    static MalformedBody fault(String field) {
        return MalformedBody.wrongType(field, "the name of a model, of at most " + LONGEST + " characters");
    }
}
