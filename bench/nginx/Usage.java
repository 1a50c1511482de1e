import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a process has used, as the system and its JVM report it. */
final class Usage {
    private static final Pattern ALLOCATED = Pattern.compile("allocated=(\\d+)([BKMG])");
    private static final Pattern PAUSE = Pattern.compile("Pause .*? ([0-9.]+)ms$");

    private Usage() {}

    /** Nanoseconds of user and system time of all its threads. */
    static long cpuNanos(long pid) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.mapToLong(task -> number(task.resolve("schedstat"))).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The compiler threads' part of that. */
    static long compilerNanos(long pid) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.filter(task -> text(task.resolve("comm")).matches("C[12] Compiler.*"))
                    .mapToLong(task -> number(task.resolve("schedstat"))).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(Path file) {
        String text = text(file);
        return text.isEmpty() ? 0 : Long.parseLong(text.split(" ")[0]);
    }

    /** A file of a thread; empty if that has ended. */
    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    /** Memory that is resident now, in MiB. */
    static double residentMiB(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:")).mapToDouble(
                    line -> Double.parseDouble(line.replaceAll("\\D", ""))).sum() / 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that all threads of a JVM have allocated, as {@code jcmd Thread.print -e} reports; to the megabyte. */
    static long allocatedBytes(long pid) {
        long sum = 0;
        Matcher matcher = ALLOCATED.matcher(jcmd(pid, "Thread.print", "-e"));
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1)) << 10 * "BKMG".indexOf(matcher.group(2));
        }
        return sum;
    }

    /** Bytes of the heap that are live: what a full collection leaves. */
    static long liveBytes(long pid) {
        jcmd(pid, "GC.run");
        Matcher matcher = Pattern.compile("Total\\s+\\d+\\s+(\\d+)").matcher(jcmd(pid, "GC.class_histogram"));
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** Bytes of direct memory, which the JVM files under "Other"; needs native memory tracking. */
    static long directBytes(long pid) {
        Matcher matcher = Pattern.compile("Other \\(reserved=\\d+, committed=(\\d+)")
                .matcher(jcmd(pid, "VM.native_memory", "summary", "scale=1"));
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** Milliseconds of each pause in a log of collections. */
    static List<Double> pauses(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(PAUSE::matcher).filter(Matcher::find).map(found -> Double.valueOf(found.group(1)))
                    .toList();
        }
    }

    private static String jcmd(long pid, String... command) {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return Shell.output(Stream.concat(Stream.of(tool, Long.toString(pid)), Stream.of(command)).toList());
    }
}
