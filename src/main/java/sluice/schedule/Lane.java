package sluice.schedule;

import java.util.Locale;

/** Orders a tenant's own calls; claiming one takes nothing from other tenants. */
public enum Lane {
    /** Somebody waits for the answer. */
    INTERACTIVE,
    /** It may come later. */
    BATCH;

    /** The word in headers, the configuration and metrics. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
