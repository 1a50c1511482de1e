/**
 * What a lab consists of.
 *
 * @param name the folder of its files and logs
 * @param connections the gateway's {@code max-connections}
 * @param tls whether the gateway is called over TLS
 * @param http2Upstream whether the upstream is called over HTTP/2, and TLS, instead of HTTP/1.1
 */
record Setup(String name, int accounts, int replicas, int connections, boolean tls, boolean http2Upstream) {
    /** Places that calls of all tenants share; few, so that an attacker can reach the bound. */
    static final int MAX_CONNECTIONS = 500;

    /** One account, one replica, TLS in front and HTTP/1.1 behind. */
    static Setup named(String name) {
        return new Setup(name, 1, 1, MAX_CONNECTIONS, true, false);
    }

    Setup withAccounts(int some) {
        return new Setup(name, some, replicas, connections, tls, http2Upstream);
    }

    Setup withReplicas(int some) {
        return new Setup(name, accounts, some, connections, tls, http2Upstream);
    }

    Setup withConnections(int most) {
        return new Setup(name, accounts, replicas, most, tls, http2Upstream);
    }

    Setup withoutTls() {
        return new Setup(name, accounts, replicas, connections, false, http2Upstream);
    }

    Setup withHttp2Upstream() {
        return new Setup(name, accounts, replicas, connections, tls, true);
    }
}
