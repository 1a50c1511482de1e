package sluice.rehearsal;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a replay has shown of one tenant.
 *
 * @param known       whether the configuration has it
 * @param shadow      whether its limits are only counted there, so that it would not have been refused after all
 * @param calls       of the time that is looked at
 * @param refusedThen by its limits
 * @param refused     by the limits of the other configuration
 * @param newly       of these, that were not refused then
 * @param relieved    that were refused then, and would not be
 * @param estimated   whose use is estimated
 * @param by          what refused them, by the name of the limit or rule
 */
public record Rehearsed(String tenant, boolean known, boolean shadow, long calls, long refusedThen, long refused,
        long newly, long relieved, long estimated, Map<String, Refusals> by) {

    /** How many calls one limit refused, and the ids of the first. */
    public record Refusals(long calls, List<String> first) {

        public Refusals {
            first = List.copyOf(first);
        }
    }

    public Rehearsed {
        by = Collections.unmodifiableMap(new LinkedHashMap<>(by));
    }
}
