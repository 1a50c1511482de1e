package sluice.openai;

import java.util.Set;
import java.util.regex.Pattern;

/** The service tiers that calls request and answers name. */
public final class ServiceTier {
    /** Those that answers name today. */
    private static final Set<String> KNOWN = Set.of("default", "flex", "scale", "priority", "fast", "ultrafast");
    private static final Pattern NAME = Pattern.compile("[a-z_]{1,32}");

    private ServiceTier() {}

    /** The tier that a call asks for: empty for what means the default one, and for what cannot be a tier's name. */
    static String asked(String text) {
        boolean usual = text.equals("auto") || text.equals("default");
        return usual || !NAME.matcher(text).matches() ? "" : text;
    }

    /** A tier as a label, of which there are few: its name, {@code default} if it has none, or {@code other}. */
    public static String label(String tier) {
        return tier.isEmpty() ? "default" : KNOWN.contains(tier) ? tier : "other";
    }
}
