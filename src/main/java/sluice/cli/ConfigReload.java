package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;

/**
 * Reloads the configuration on demand and when its file, an included file, or a file that holds one of its secrets
 * changes. An unusable file changes nothing.
 */
public final class ConfigReload {

    /** Something that can switch to a new configuration. */
    public interface Reloadable {

        /** Switches to this configuration, entirely or not at all; completes once it has. */
        Future<Void> reload(GatewayConfig next);

        /**
         * Called when the configuration in the file could not be put into effect.
         *
         * @param told why not, without secrets
         */
        void notReloaded(String told);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ConfigReload.class);

    private final Path file;
    private final Function<String, @Nullable String> environment;
    private final Reloadable gateway;
    private volatile Set<Path> files;

    /** @param files the files read for the configuration in effect */
    public ConfigReload(Path file, Function<String, @Nullable String> environment, Collection<Path> files,
            Reloadable gateway) {
        this.file = file;
        this.environment = environment;
        this.files = Set.copyOf(files);
        this.gateway = gateway;
    }

    /**
     * Starts watching the files.
     *
     * @return ends it
     */
    public Runnable start(Vertx vertx) {
        return new FileWatch(() -> files, this::read).start(vertx);
    }

    /**
     * Reads the file and puts it into effect, or logs why not. Blocks while reading; the future completes when done.
     */
    public synchronized Future<Void> read() {
        Set<Path> read = new LinkedHashSet<>();
        Future<Void> done;
        try {
            done = gateway.reload(ConfigReader.read(file, environment, read::add));
        } catch (Throwable unusable) {
            done = Future.failedFuture(unusable);
        }
        files = Set.copyOf(read);
        return done.onFailure(this::keepsTheOldOne);
    }

    private void keepsTheOldOne(Throwable why) {
        String told = "configuration not reloaded, keeping the old one";
        if (why instanceof InvalidConfig || why instanceof IOException) {
            told += ": " + why.getMessage();
            LOG.error(told);
        } else {
            LOG.error(told, why);
            told += ", because of a fault that the log shows";
        }
        gateway.notReloaded(told);
    }
}
