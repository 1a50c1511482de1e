package sluice.cli;

import java.util.function.Supplier;
import sluice.admin.AdminServer;
import sluice.config.GatewayConfig;
import sluice.isolation.Bulkhead;
import sluice.net.Door;

/** The door of each socket that is about to listen: the admin listener opens first, the services' ones afterwards. */
final class Doors implements Supplier<Door> {
    private final Bulkhead admin = Bulkhead.of("admin-connections", AdminServer.MAX_CONNECTIONS);
    private final Bulkhead connections;
    private final int perAddress;
    private volatile boolean adminListens;

    Doors(GatewayConfig config, OpenFiles files) {
        connections = Bulkhead.of("connections", files.fit(config.listen().maxConnections()));
        perAddress = config.listen().peers().maxConnectionsPerAddress();
    }

    /** Connections of services. */
    Bulkhead connections() {
        return connections;
    }

    /** Connections of the admin listener. */
    Bulkhead admin() {
        return admin;
    }

    /** The next sockets are those that services call. */
    void adminListens() {
        adminListens = true;
    }

    @Override
    public Door get() {
        return adminListens ? new Door(connections, perAddress) : new Door(admin, AdminServer.MAX_CONNECTIONS);
    }
}
