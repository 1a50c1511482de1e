import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** Load of three kinds, and what the gateway used meanwhile. */
final class Load {

    /**
     * One measurement.
     *
     * @param units     calls, or events of streams
     * @param seconds   it took
     * @param cpuNanos  of the gateway
     * @param allocated bytes, by a JVM; 0 if not measured
     * @param delays    in microseconds; empty if not measured
     * @param bad       units that did not end as they should
     */
    record Figures(long units, double seconds, long cpuNanos, long allocated, Histogram delays, long bad) {

        double cpuMicros() {
            return cpuNanos / 1000.0 / units;
        }

        double perSecond() {
            return units / seconds;
        }

        double allocatedPerUnit() {
            return (double) allocated / units;
        }

        Figures withAllocated(long bytes) {
            return new Figures(units, seconds, cpuNanos, bytes, delays, bad);
        }

        double delayMillis(double percentile) {
            return delays.getValueAtPercentile(percentile) / 1000.0;
        }
    }

    private static final Pattern WRK = Pattern.compile("requests (\\d+) micros (\\d+) refused (\\d+) broken (\\d+)");

    private final Path directory;

    Load(Path directory) {
        this.directory = directory;
    }

    /** As many calls as are answered, over 64 connections. */
    Figures saturate(Servers.Target target, String scenario, int tenants, double seconds, boolean refused) {
        long allocated = allocated(target);
        Meter meter = new Meter(target);
        String said = read(Shell.load("wrk", "-t1", "-c64", "-d" + Math.max(1, Math.round(seconds)) + "s", "-s",
                "bench/nginx/call.lua", (target.tls() ? "https" : "http") + "://127.0.0.1:" + target.port(), "--",
                scenario, Integer.toString(tenants), Integer.toString(ThreadLocalRandom.current().nextInt(1 << 30))));
        Matcher told = WRK.matcher(said);
        if (!told.find()) {
            throw new IllegalStateException("wrk said: " + said);
        }
        long requests = Long.parseLong(told.group(1));
        long odd = Long.parseLong(told.group(3));
        long bad = Long.parseLong(told.group(4)) + (refused ? requests - odd : odd);
        Figures figures = meter.figures(requests, Long.parseLong(told.group(2)) / 1e6, bad);
        return figures.withAllocated(allocated(target) - allocated);
    }

    /** So far. To be asked for outside of what is measured, since the question stops the JVM and starts another one. */
    private static long allocated(Servers.Target target) {
        return target.jvm() ? Usage.allocatedBytes(target.pid()) : 0;
    }

    /** Calls at a fixed rate, each measured from the moment at which it was due. */
    Figures steady(Servers.Target target, int rate, double warm, double seconds) {
        Path file = directory.resolve("delays");
        return timed(target, seconds, file, "steady", target.port(), 64, rate, warm, seconds, file);
    }

    /** Streams that are held open; the task, if any, runs at the end while they still are. */
    Figures streams(Servers.Target target, int streams, int chunks, int intervalMillis, double warm, double seconds,
            Runnable whileOpen) {
        Path file = directory.resolve("delays");
        Process load = start("streams", target.port(), 64, streams, chunks, intervalMillis, warm, seconds, file);
        return timed(target, seconds, file, load, whileOpen);
    }

    private Figures timed(Servers.Target target, double seconds, Path file, String program, Object... arguments) {
        return timed(target, seconds, file, start(program, arguments), () -> {});
    }

    private Figures timed(Servers.Target target, double seconds, Path file, Process load, Runnable whileOpen) {
        try (BufferedReader said = load.inputReader()) {
            expect(said, "begin");
            Meter meter = new Meter(target);
            String[] end = expect(said, "end").split(" ");
            Figures figures = meter.figures(Long.parseLong(end[1]), seconds, Long.parseLong(end[2]));
            whileOpen.run();
            load.getOutputStream().close();
            load.waitFor();
            read(file, figures.delays());
            return figures;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Process start(String program, Object... arguments) {
        return Shell.load(Stream.concat(Stream.of(directory.resolve(program)), Stream.of(arguments))
                .map(Object::toString).toArray(String[]::new));
    }

    private static String expect(BufferedReader said, String word) throws IOException {
        String line = said.readLine();
        if (line == null || !line.startsWith(word)) {
            throw new IllegalStateException("expected " + word + ", got " + line);
        }
        return line;
    }

    private static void read(Path file, Histogram into) throws IOException {
        ByteBuffer values = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        while (values.remaining() >= 4) {
            into.recordValue(values.getInt() & 0xFFFFFFFFL);
        }
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what time a gateway has used before and after. */
    private static final class Meter {
        private final Servers.Target target;
        private final long cpu;

        Meter(Servers.Target target) {
            this.target = target;
            this.cpu = cpu();
        }

        private long cpu() {
            return target.pid() == 0 ? 0 : Usage.cpuNanos(target.pid());
        }

        Figures figures(long units, double seconds, long bad) {
            return new Figures(units, seconds, cpu() - cpu, 0, new Histogram(3), bad);
        }
    }
}
