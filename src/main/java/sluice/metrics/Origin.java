package sluice.metrics;

/**
 * Where a call comes from and where it is going.
 *
 * @param id       the gateway's own id for the call
 * @param method   as sent
 * @param endpoint the label of its route; {@code none} if no route matches
 * @param client   the address it came from
 */
public record Origin(String id, String method, String endpoint, String client) {

    /** The id in the form of the API's own. */
    public String requestId() {
        return "req_" + id;
    }

    /** Of the answer with this number, within a WebSocket. */
    public Origin answer(long number) {
        return new Origin(id + "-" + number, method, endpoint, client);
    }
}
