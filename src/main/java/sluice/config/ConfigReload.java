package sluice.config;

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

/**
 * Reads the configuration again when its file, or a file that it takes a secret from, has changed, and when it is told to.
 * A file that cannot be used leaves everything as it was.
 */
public final class ConfigReload {

    /** What goes by the file. */
    public interface Reloadable {

        /** Goes by this from now on, whole or not at all; complete when it does. */
        Future<Void> reload(GatewayConfig next);

        /** What stands in the file is not in effect. */
        void notReloaded();
    }

    private static final Logger LOG = LoggerFactory.getLogger(ConfigReload.class);

    private final Path file;
    private final Function<String, @Nullable String> environment;
    private final Reloadable gateway;
    private volatile Set<Path> files;

    /** @param files that were read for the configuration in effect */
    public ConfigReload(Path file, Function<String, @Nullable String> environment, Collection<Path> files,
            Reloadable gateway) {
        this.file = file;
        this.environment = environment;
        this.files = Set.copyOf(files);
        this.gateway = gateway;
    }

    /** Watches the files from now on. */
    public void start(Vertx vertx) {
        new FileWatch(() -> files, this::read).start(vertx);
    }

    /** Reads the file, and puts it in effect or says why not. Blocks while it reads, and tells when that is done. */
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
        gateway.notReloaded();
        if (why instanceof InvalidConfig || why instanceof IOException) {
            LOG.error("the configuration is not reloaded, the old one stays in effect: {}", why.getMessage());
        } else {
            LOG.error("the configuration is not reloaded, the old one stays in effect", why);
        }
    }
}
