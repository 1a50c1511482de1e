package sluice.schedule;

/**
 * A tenant and its weight.
 *
 * @param tenant its name
 * @param weight above 0; a tenant of weight 2 gets twice the service of one of weight 1 while both wait
 */
public record Share(String tenant, double weight) {

    public Share {
        if (!(weight > 0)) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: > 0)");
        }
    }
}
