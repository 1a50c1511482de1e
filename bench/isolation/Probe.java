import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Promise;
import io.vertx.core.Verticle;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.VerticleFactory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs in the gateway's process and measures how long its event loops are held. Vert.x finds it as a service. Each loop
 * runs a task every millisecond; the processor time between two of these bounds that of any task that ran between them.
 */
public final class Probe implements VerticleFactory {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long EVERY_MILLIS = 100;

    private final AtomicLong worstCpu = new AtomicLong();

    private static final class Loop {
        private long cpu = -1;
    }

    @Override
    public String prefix() {
        return "probe";
    }

    @Override
    public void createVerticle(String name, ClassLoader loader, Promise<Callable<Verticle>> promise) {
        promise.fail("nothing to deploy");
    }

    @Override
    public void init(Vertx vertx) {
        String file = System.getProperty("probe.file");
        if (file == null) {
            return;
        }
        for (EventExecutor executor : ((VertxInternal) vertx).nettyEventLoopGroup()) {
            Loop loop = new Loop();
            executor.scheduleWithFixedDelay(() -> look(loop), 1, 1, TimeUnit.MILLISECONDS);
        }
        Thread.ofPlatform().daemon().name("probe").start(() -> write(Path.of(file)));
    }

    private void look(Loop loop) {
        long now = THREADS.getCurrentThreadCpuTime();
        if (loop.cpu >= 0) {
            worstCpu.accumulateAndGet(now - loop.cpu, Math::max);
        }
        loop.cpu = THREADS.getCurrentThreadCpuTime();
    }

    /** A line ten times a second: the moment, and the most microseconds that a turn of a loop has taken since. */
    private void write(Path file) {
        try {
            while (true) {
                Thread.sleep(EVERY_MILLIS);
                Files.writeString(file, System.currentTimeMillis() + " " + worstCpu.getAndSet(0) / 1000 + "\n",
                        StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException | InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /** The most milliseconds of processor time that a turn of a loop took between two moments. */
    static double worstMillis(Path file, long from, long until) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (var lines = Files.lines(file)) {
            return lines.map(line -> line.split(" ")).filter(words -> words.length == 2)
                    .filter(words -> Long.parseLong(words[0]) >= from && Long.parseLong(words[0]) <= until)
                    .mapToLong(words -> Long.parseLong(words[1])).max().orElse(0) / 1000.0;
        }
    }
}
