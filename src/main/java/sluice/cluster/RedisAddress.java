package sluice.cluster;

import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.net.URI;

/** Translates the settings into options of the Redis client. */
final class RedisAddress {
    /** Messages that may await answers at once; far more than pass within one timeout. */
    private static final int PIPELINE = 16_384;

    private RedisAddress() {}

    static RedisOptions options(RedisSettings settings) {
        NetClientOptions net = new NetClientOptions().setTcpKeepAlive(true).setTcpNoDelay(true)
                .setConnectTimeout(1_000);
        boolean tls = settings.addresses().stream().map(URI::getScheme).anyMatch("rediss"::equals);
        if (tls) {
            net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
        }
        settings.caFile().ifPresent(file -> net.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        RedisOptions options = new RedisOptions().setNetClientOptions(net).setMaxWaitingHandlers(PIPELINE)
                .setMaxPoolSize(4).setMaxPoolWaiting(64);
        settings.addresses().forEach(address -> options.addConnectionString(address.toString()));
        settings.login().ifPresent(login -> {
            login.user().ifPresent(options::setUser);
            options.setPassword(login.password());
        });
        switch (settings.mode()) {
            case RedisSettings.Mode.Single() -> options.setType(RedisClientType.STANDALONE);
            case RedisSettings.Mode.Cluster() -> options.setType(RedisClientType.CLUSTER);
            case RedisSettings.Mode.Sentinel(String master) ->
                options.setType(RedisClientType.SENTINEL).setMasterName(master);
        }
        return options;
    }
}
