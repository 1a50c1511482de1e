package sluice.config;

import java.util.Optional;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** The rule for tenant names, which appear in logs and as metric labels. */
public final class TenantName {
    /** The label shared by tenants without their own series. */
    private static final String RESERVED = "other";

    private TenantName() {}

    /** What is expected instead of an invalid name; empty if the name is valid. */
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
            throw new Unacceptable("another name: metrics use this one for everything else");
        }
        return Values.name().parse(text);
    }
}
