package sluice.metrics;

/**
 * Where a call comes from and where it is going.
 *
 * @param id       the gateway's own id for the call
 * @param method   as sent
 * @param endpoint the label of its route; {@code none} if no route matches
 * @param client   the address it came from
 * @param software the program that sends it
 */
public record Origin(String id, String method, String endpoint, String client, Software software) {

    /** From a program that does not identify itself. */
    public Origin(String id, String method, String endpoint, String client) {
        this(id, method, endpoint, client, Software.UNKNOWN);
    }

    /** The id in the form of the API's own. */
    public String requestId() {
        return "req_" + id;
    }

    /** Of the answer with this number, within a WebSocket. */
    public Origin answer(long number) {
        return new Origin(id + "-" + number, method, endpoint, client, software);
    }
}
