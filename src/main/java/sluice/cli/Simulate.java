package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import sluice.simulator.Faults;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.time.Time;

/** {@code sluice simulate}: runs a stand-in for the OpenAI API until it is stopped. */
@Command(name = "simulate", mixinStandardHelpOptions = true, sortOptions = false, description = "Runs a stand-in for the OpenAI API that enforces quotas like the real one. It costs nothing.")
final class Simulate implements Callable<Integer> {

    @Option(names = "--host", paramLabel = "HOST", defaultValue = "127.0.0.1", description = "Address to listen on (${DEFAULT-VALUE}).")
    private String host = "";

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8081", description = "Port to listen on, 0 for a free one (${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--account", paramLabel = "NAME=KEY[,KEY][:LIMITS]", converter = AccountReader.class, description = {
            "An account, its keys and their shared limits: any of rpm=N,rpd=N,tpm=N,tpd=N,shared=BOOL,"
                    + "start-empty=BOOL,organization=ID. May be repeated.",
            "Without it: main=sk-simulator:rpm=1000"})
    private List<SimulatedAccount> accounts = new ArrayList<>();

    @Option(names = "--latency", paramLabel = "TIME", defaultValue = "200ms", converter = DurationReader.class, description = "Time until an answer begins (${DEFAULT-VALUE}).")
    private Duration latency = Duration.ZERO;

    @Option(names = "--chunks", paramLabel = "N", defaultValue = "20", description = "Chunks of text per stream (${DEFAULT-VALUE}).")
    private int chunks;

    @Option(names = "--chunk-interval", paramLabel = "TIME", defaultValue = "20ms", converter = DurationReader.class, description = "Time between the events of a stream (${DEFAULT-VALUE}).")
    private Duration chunkInterval = Duration.ZERO;

    @Option(names = "--error-rate", paramLabel = "SHARE", defaultValue = "0", description = "Share of calls that fail, 0 to 1.")
    private double errorRate;

    @Option(names = "--error-status", paramLabel = "STATUS", defaultValue = "503", description = "The status they fail with (${DEFAULT-VALUE}).")
    private int errorStatus;

    @Option(names = "--cut-rate", paramLabel = "SHARE", defaultValue = "0", description = "Share of streams whose connection breaks, 0 to 1.")
    private double cutRate;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Random seed (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--start-empty", description = "Every limit starts exhausted, as after somebody else's burst.")
    private boolean startEmpty;

    @Option(names = "--shared", arity = "0..1", paramLabel = "BOOL", fallbackValue = "true", description = "Whether all models share the limits (true unless an account says otherwise); "
            + "--shared=false: limits per model.")
    private @Nullable Boolean shared;

    @Spec
    private @Nullable CommandSpec spec;

    /** Runs until the process is stopped; returns only if it cannot start. */
    @Override
    public Integer call() throws InterruptedException {
        Simulator.Settings settings = checkedSettings();
        Vertx vertx = Vertx.vertx();
        Future<Simulator> started = Simulator.start(vertx, settings, Time.system());
        CountDownLatch settled = new CountDownLatch(1);
        started.onComplete(done -> settled.countDown());
        settled.await();
        if (started.failed()) {
            commandLine().getErr().println("cannot listen on " + host + ":" + port + ": "
                    + started.cause().getMessage());
            vertx.close();
            return ExitCode.SOFTWARE;
        }
        announce(started.result(), settings);
        new CountDownLatch(1).await();
        return 0;
    }

    private void announce(Simulator simulator, Simulator.Settings settings) {
        PrintWriter out = commandLine().getOut();
        out.println("OpenAI stand-in at http://" + host + ":" + simulator.port() + "/v1");
        settings.accounts().forEach(account -> out.println("  " + account.describe()));
        out.flush();
    }

    private Simulator.Settings checkedSettings() {
        try {
            return settings();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), e.getMessage(), e);
        }
    }

    /** The settings that the options give. */
    Simulator.Settings settings() {
        Simulator.Settings defaults = Simulator.Settings.defaults();
        List<SimulatedAccount> chosen = accounts.isEmpty() ? defaults.accounts() : accounts;
        return defaults.withAddress(host, port)
                .withAccounts(chosen.stream().map(this::adapted).toList())
                .withLatency(latency)
                .withStreams(chunks, chunkInterval)
                .withSeed(seed)
                .withFaults(Faults.none().withErrors(errorRate, errorStatus).withCuts(cutRate, 3));
    }

    private SimulatedAccount adapted(SimulatedAccount account) {
        SimulatedAccount adapted = shared == null ? account : account.withShared(shared);
        return startEmpty ? adapted.withStartEmpty(true) : adapted;
    }

    private CommandLine commandLine() {
        return spec == null ? new CommandLine(this) : spec.commandLine();
    }

    /** Parses an account; error messages never show a key. */
    static final class AccountReader implements CommandLine.ITypeConverter<SimulatedAccount> {
        @Override
        public SimulatedAccount convert(String text) {
            try {
                return SimulatedAccount.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Parses durations such as {@code 200ms}, {@code 5s} and {@code 0}. */
    static final class DurationReader implements CommandLine.ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m)|0");

        @Override
        public Duration convert(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new TypeConversionException("'" + text + "' (expected: a duration such as 200ms or 5s)");
            }
            if (form.group(1) == null) {
                return Duration.ZERO;
            }
            long amount = Long.parseLong(form.group(1));
            return switch (form.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                default -> Duration.ofMinutes(amount);
            };
        }
    }
}
