package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.cluster.RedisSettings.Mode;

class RedisServersTest {
    @TempDir
    private Path folder = Path.of("");

    private static Moved cached(String parameters) {
        return new Moved(Moved.serving("gpt-4o").file()
                + "litellm_settings: { cache: true, cache_params: { type: redis, %s } }\n".formatted(parameters));
    }

    @Test
    void encryptedRedisStaysEncrypted() throws Exception {
        Moved moved = cached("host: r.example.com, port: 6380, password: os.environ/RP, ssl: true, db: 3");

        assertThat(moved.at("redis")).hasToString("{url=rediss://r.example.com:6380/3, password=${RP}}");
        assertThat(moved.at("cache")).asString().contains("url=rediss://r.example.com:6380/3, password=${RP}");
        assertThat(moved.config(folder).redis()).isPresent();
        assertThat(cached("host: r, password: os.environ/RP, ssl: os.environ/TLS").note("make the URL rediss://"))
                .contains("cache_params (ssl os.environ/TLS)");
    }

    @Test
    void clusterIsOne() throws Exception {
        Moved moved = cached(
                """
                        redis_startup_nodes: [{ host: a.example.com, port: 7001 }, { host: b.example.com, port: 7002 }], db: 2""");

        assertThat(moved.at("redis"))
                .hasToString("{url=redis://a.example.com:7001,redis://b.example.com:7002, mode=cluster}");
        assertThat(moved.config(folder).redis().orElseThrow().mode()).isInstanceOf(Mode.Cluster.class);
        assertThat(moved.note("a Redis Cluster has database 0 only")).contains("cache_params (db 2)");
    }

    @Test
    void sentinelsWatchTheirMaster() throws Exception {
        Moved moved = cached("sentinel_nodes: [[s1, 26379], [s2, 26380]], service_name: main, sentinel_password: x");

        assertThat(moved.at("redis")).hasToString("{url=redis://s1:26379,redis://s2:26380, mode=sentinel, master=main,"
                + " password=${CACHE_REDIS_PASSWORD}}");
        assertThat(moved.config(folder).redis().orElseThrow().mode()).isEqualTo(new Mode.Sentinel("main"));
        assertThat(moved.note("sentinels and their master have one `user` and `password`")).contains("cache_params");
    }

    @Test
    void variablesThatLiteLlmFallsBackToAreToDo() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o").file()
                + "litellm_settings: { cache: true, cache_params: { type: redis } }\n");

        assertThat(moved.at("redis")).hasToString("{url=redis://${REDIS_HOST}:${REDIS_PORT:6379}}");
        assertThat(moved.note("LiteLLM falls back to these variables"))
                .contains("cache_params (REDIS_HOST, REDIS_PORT, REDIS_PASSWORD, REDIS_SSL)");
        assertThat(cached("host: r, port: 6379").note("LiteLLM falls back to these variables"))
                .contains("cache_params (REDIS_PASSWORD, REDIS_SSL)");
        assertThat(cached("host: r, password: os.environ/RP").note("LiteLLM falls back to these variables")).isEmpty();
    }

    @Test
    void whatIsNotMappedIsTold() throws Exception {
        Moved moved = cached(
                "url: \"rediss://r:6380/3\", db: 4, username: app, namespace: prod, ssl_cert_reqs: none, flush: 5");

        assertThat(moved.at("redis")).hasToString("{url=rediss://r:6380/3}");
        assertThat(moved.note("only the URL counts here")).contains("cache_params (db 4)");
        assertThat(moved.note("a `user` of Redis needs a `password`")).contains("cache_params (app)");
        assertThat(moved.note("keys begin with the `prefix`")).contains("cache_params (namespace)");
        assertThat(moved.note("certificates are always verified; `ca-file`")).contains("cache_params (ssl_cert_reqs)");
        assertThat(moved.note("no counterpart")).contains("cache_params (flush)");
    }

    @Test
    void routersRedisMayBeInItsArguments() throws Exception {
        Moved moved = new Moved(Moved.serving("gpt-4o").file() + """
                router_settings:
                  redis_host: r
                  redis_password: os.environ/RP
                  cache_kwargs: { ssl: true, namespace: prod }
                """);

        assertThat(moved.at("redis")).hasToString("{url=rediss://r:6379, password=${RP}}");
        assertThat(moved.note("keys begin with the `prefix`")).contains("router_settings (namespace)");
    }
}
