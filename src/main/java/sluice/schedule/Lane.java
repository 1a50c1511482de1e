package sluice.schedule;

import java.util.Locale;

/** Orders a tenant's own calls; claiming one takes nothing from other tenants. */
public enum Lane {
    /** Somebody is waiting for the answer. */
    INTERACTIVE,
    /** The answer may come later. */
    BATCH;

    /** The word for it in headers, the configuration and metrics. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
