package sluice.organization;

import java.time.LocalDate;

/**
 * What a day cost, by OpenAI's bill and by the ledger, in picodollars.
 *
 * @param day of UTC
 */
public record Bill(LocalDate day, long openai, long ledger) {

    /** By how much the ledger is above the bill, as a share of the larger of the two: -1 to 1, and 0 if both are 0. */
    public double difference() {
        long larger = Math.max(openai, ledger);
        return larger <= 0 ? 0 : Math.clamp((double) (ledger - openai) / larger, -1, 1);
    }
}
