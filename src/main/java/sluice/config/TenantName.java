package sluice.config;

import java.util.Optional;

/** The rule for names of tenants: they stand in logs and are labels of metrics. */
public final class TenantName {
    /** The label that tenants without series of their own share. */
    private static final String RESERVED = "other";

    private TenantName() {}

    /** What is expected of a name that cannot be taken; empty if it can. */
    public static Optional<String> mistake(String name) {
        try {
            parse(name);
            return Optional.empty();
        } catch (Unacceptable e) {
            return Optional.of(e.expected());
        }
    }

    static String parse(String text) throws Unacceptable {
        if (text.equals(RESERVED)) {
            throw new Unacceptable("another name: metrics use this one for all the rest");
        }
        return Values.name().parse(text);
    }
}
