import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Measures Sluice next to nginx and the bare upstream, in alternating rounds, and writes the figures as tables. */
public final class Compare {
    private final Path directory;
    private final boolean quick;
    private final int rounds;
    private final double seconds;
    private final List<String> only;
    private final Servers servers;
    private final Load load;
    private final StringBuilder page = new StringBuilder();
    /** What disturbed a figure. */
    private final List<String> notes = new ArrayList<>();

    private Compare(Path directory, boolean quick, List<String> only) throws IOException {
        this.directory = directory;
        this.quick = quick;
        this.rounds = quick ? 3 : 5;
        this.seconds = quick ? 1 : 3;
        this.only = quick && only.isEmpty() ? List.of("calls") : only;
        this.servers = new Servers(directory, flags());
        this.load = new Load(directory);
    }

    private static List<String> flags() {
        return Arrays.asList(System.getProperty("sluice.flags").split(" "));
    }

    /** Arguments: the directory, {@code quick} or {@code full}, then the groups to run, none for all. */
    public static void main(String[] arguments) throws IOException {
        List<String> groups = List.of(arguments).subList(2, arguments.length);
        new Compare(Path.of(arguments[0]).toAbsolutePath(), arguments[1].equals("quick"), groups).run();
        System.exit(0);
    }

    private void run() throws IOException {
        servers.startUpstreams();
        say("| | |\n|---|---|");
        say("| date | " + LocalDate.now() + (quick ? ", quick" : "") + ", " + rounds + " rounds |");
        say("| machine | " + Shell.output(List.of("nproc", "--all")).strip() + " cores, Linux "
                + System.getProperty("os.version") + " |");
        say("| versions | " + Shell.output(List.of("nginx", "-v")).strip() + ", Java "
                + Runtime.version() + " |");
        say("| flags of Sluice | `" + String.join(" ", flags()) + "` |");
        Map<String, Group> groups = new LinkedHashMap<>();
        groups.put("calls", this::calls);
        groups.put("rate", this::rate);
        groups.put("tls", this::tls);
        groups.put("tenants", this::tenants);
        groups.put("cache", this::cache);
        groups.put("streams", this::streams);
        groups.put("memory", this::memory);
        groups.put("start", this::start);
        for (Map.Entry<String, Group> group : groups.entrySet()) {
            if (only.isEmpty() || only.contains(group.getKey())) {
                group.getValue().run();
            }
        }
        notes.forEach(note -> say("\n" + note));
        Files.writeString(directory.resolve("results.md"), page);
    }

    /** Scenarios that share a gateway. */
    private interface Group {
        void run() throws IOException;
    }

    private void calls() throws IOException {
        Servers.Target nginx = nginx("nginx-calls", 64).get(0);
        Servers.Sluice bare = warm(servers.startBare("vertx-calls"));
        Servers.Sluice sluice = sluice(Servers.Variant.plain("sluice-calls"));
        heading("Calls at saturation, 64 connections");
        row("JSON miss, 300 B → 700 B", round("miss", 64, false, nginx, bare.target(), sluice.target()), nginx);
        row("JSON miss, 30 KB → 4 KB", round("large", 64, false, nginx, sluice.target()), nginx);
        Map<Servers.Target, List<Load.Figures>> hits = round("hit", 64, false, sluice.target());
        hits.putAll(round("miss", 64, false, nginx));
        row("JSON hit (nginx: proxied)", hits, nginx);
        row("401", round("unknown", 1, true, nginx, sluice.target()), nginx);
        row("429", round("spent", 1, true, nginx, sluice.target()), nginx);
        direct();
        pauses(sluice);
        Shell.stop(sluice.process());
        Shell.stop(bare.process());
    }

    private void direct() {
        Servers.Target upstream = new Servers.Target("direct", servers.json, false, 0);
        List<Load.Figures> figures = round("miss", 64, false, upstream).get(upstream);
        say("\nThe upstream itself, small body: " + whole(median(figures, Load.Figures::perSecond)) + " calls/s.");
    }

    private void pauses(Servers.Sluice sluice) throws IOException {
        List<Double> pauses = Usage.pauses(sluice.gcLog());
        say("Sluice after that: " + whole(Usage.residentMiB(sluice.target().pid())) + " MiB resident; "
                + pauses.size() + " pauses for garbage, the longest "
                + pauses.stream().mapToDouble(each -> each).max().orElse(0) + " ms, "
                + whole(pauses.stream().mapToDouble(each -> each).sum()) + " ms in all.");
    }

    private void rate() throws IOException {
        Servers.Target nginx = nginx("nginx-rate", 64).get(0);
        Servers.Sluice sluice = sluice(Servers.Variant.plain("sluice-rate"));
        Servers.Target upstream = new Servers.Target("direct", servers.json, false, 0);
        int most = (int) load.saturate(sluice.target(), "miss", 64, seconds, false).perSecond();
        for (int rate : new int[]{most / 4, most / 2}) {
            heading("Small misses at " + rate + " calls/s" + (rate == most / 2 ? ", half of Sluice's saturation" : ""));
            settle(sluice.target(), () -> load.steady(sluice.target(), rate, 0.5, 5));
            Map<Servers.Target, List<Load.Figures>> figures = rounds(
                    target -> load.steady(target, rate, 0.5, seconds + 1), upstream, nginx, sluice.target());
            dropNoisy(figures, upstream);
            delays(figures);
        }
        Shell.stop(sluice.process());
    }

    /** Rounds in which the upstream's own p99 is more than twice its median over rounds say nothing. */
    private void dropNoisy(Map<Servers.Target, List<Load.Figures>> figures, Servers.Target upstream) {
        List<Load.Figures> own = figures.get(upstream);
        double usual = median(own, each -> each.delayMillis(99));
        List<Integer> noisy = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            if (own.get(i).delayMillis(99) > 2 * usual) {
                noisy.addFirst(i);
            }
        }
        noisy.forEach(each -> figures.values().forEach(list -> list.remove((int) each)));
        say("\nRounds dropped as noisy: " + noisy.size() + ".");
    }

    private void tls() throws IOException {
        List<Servers.Target> nginx = nginx("nginx-tls", 64);
        Servers.Sluice in = sluice(Servers.Variant.plain("sluice-tls-in").tls(true, false));
        Servers.Sluice out = sluice(Servers.Variant.plain("sluice-tls-out").tls(false, true));
        heading("TLS, small misses");
        row("TLS in", round("miss", 64, false, nginx.get(1), in.target()), nginx.get(1));
        row("TLS out", round("miss", 64, false, nginx.get(2), out.target()), nginx.get(2));
        Shell.stop(in.process());
        Shell.stop(out.process());
    }

    private void tenants() throws IOException {
        heading("Tenants, small misses");
        Servers.Target few = nginx("nginx-64", 64).get(0);
        Servers.Target many = nginx("nginx-10000", 10_000).get(0);
        Servers.Sluice fewOurs = sluice(Servers.Variant.plain("sluice-64"));
        Servers.Sluice manyOurs = sluice(Servers.Variant.plain("sluice-10000").tenants(10_000));
        Map<Servers.Target, List<Load.Figures>> all = rounds(target -> load.saturate(target, "miss",
                target.name().endsWith("10000") ? 10_000 : 64, seconds, false), few, many, fewOurs.target(),
                manyOurs.target());
        row("10,000 tenants", pick(all, many, manyOurs.target()), many);
        row("64 tenants", pick(all, few, fewOurs.target()), few);
        say("\n10,000 to 64 tenants: Sluice × " + two(ratio(all.get(manyOurs.target()), all.get(fewOurs.target())))
                + ", nginx × " + two(ratio(all.get(many), all.get(few))) + ".");
        Shell.stop(fewOurs.process());
        Shell.stop(manyOurs.process());
    }

    private void cache() throws IOException {
        heading("Cache, small misses");
        Servers.Sluice empty = sluice(Servers.Variant.plain("sluice-empty")
                .cache("{ mode: identical, ttl: 1s, max-size: 64MiB }"));
        Servers.Sluice full = sluice(Servers.Variant.plain("sluice-full"));
        // 64 MiB are some 45,000 answers.
        load.saturate(full.target(), "miss", 64, 10, false);
        Map<Servers.Target, List<Load.Figures>> all = rounds(
                target -> load.saturate(target, "miss", 64, seconds, false), empty.target(), full.target());
        row("nearly empty (answers live a second)", pick(all, empty.target()), empty.target());
        row("full, each answer displaces another", pick(all, full.target()), empty.target());
        say("\nFull to empty: × " + two(ratio(all.get(full.target()), all.get(empty.target()))) + ".");
        Shell.stop(empty.process());
        Shell.stop(full.process());
    }

    private void streams() throws IOException {
        Servers.Target nginx = nginx("nginx-events", 64).get(3);
        Servers.Sluice sluice = servers.startSluice(Servers.Variant.plain("sluice-events").toEvents());
        Servers.Target upstream = new Servers.Target("direct", servers.events, false, 0);
        load.streams(sluice.target(), 200, 500, 0, 1, quick ? 4 : 20, () -> {});
        settle(sluice.target(), () -> load.streams(sluice.target(), 2000, 100_000, 100, 2, quick ? 4 : 8, () -> {}));
        int opened = quick ? 4 : 10;
        heading("Streams: 2,000 open for " + opened + " s, 10 events/s each");
        Map<Servers.Target, List<Load.Figures>> slow = rounds(
                target -> load.streams(target, 2000, 100_000, 100, opened, seconds + 1, () -> {}),
                quick ? List.of(nginx, sluice.target()) : List.of(upstream, nginx, sluice.target()));
        delays(slow);
        row("per event", pick(slow, nginx, sluice.target()), nginx);
        heading("Streams: 200 open, 500 events each, as fast as they are taken");
        settle(sluice.target(), () -> load.streams(sluice.target(), 200, 500, 0, 1, 4, () -> {}));
        row("per event", rounds(target -> load.streams(target, 200, 500, 0, 1, seconds, () -> {}), nginx,
                sluice.target()), nginx);
        pauses(sluice);
        Shell.stop(sluice.process());
    }

    private void memory() throws IOException {
        heading("Memory");
        Servers.Sluice idle = servers.startSluice(
                Servers.Variant.plain("sluice-idle").flags("-XX:AOTCache=" + archive()));
        Servers.nap(2000);
        say("Idle, after one call, with the AOT cache: " + whole(Usage.residentMiB(idle.target().pid()))
                + " MiB resident.");
        Shell.stop(idle.process());
        Servers.Sluice sluice = servers.startSluice(
                Servers.Variant.plain("sluice-memory").toEvents().flags("-XX:NativeMemoryTracking=summary"));
        say("\nWithout it: " + whole(Usage.residentMiB(sluice.target().pid())) + " MiB resident.");
        long[] live = new long[2];
        long[] direct = new long[2];
        int[] open = {50, 2050};
        double resident = 0;
        for (int i = 0; i < 2; i++) {
            int at = i;
            load.streams(sluice.target(), open[i], 100_000, 100, 2, 3, () -> {
                live[at] = Usage.liveBytes(sluice.target().pid());
                direct[at] = Usage.directBytes(sluice.target().pid());
            });
            resident = Usage.residentMiB(sluice.target().pid());
        }
        say("2,000 more streams hold " + two((live[1] - live[0]) / 2000.0 / 1024) + " KiB of live heap and "
                + two((direct[1] - direct[0]) / 2000.0 / 1024) + " KiB of direct memory each; " + whole(resident)
                + " MiB resident then.");
        Shell.stop(sluice.process());
    }

    private void start() throws IOException {
        heading("From start to the first answered call");
        String flag = "-XX:AOTCache=" + archive();
        say("\n| median, ms | one core | both cores |\n|---|---|---|");
        say("| plain | " + startMillis("plain", "0") + " | " + startMillis("plain-2", "0,1") + " |");
        say("| AOT cache | " + startMillis("aot", "0", flag) + " | " + startMillis("aot-2", "0,1", flag) + " |");
    }

    /** The AOT cache, made by a training run as that of the image is. */
    private Path archive() throws IOException {
        Path archive = directory.resolve("sluice.aot");
        if (!Files.exists(archive)) {
            Servers.Sluice trained = servers.startSluice(Servers.Variant.plain("sluice-training").flags(
                    "-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining", "-XX:AOTCacheOutput=" + archive));
            load.saturate(trained.target(), "miss", 64, 3, false);
            Shell.stop(trained.process());
            for (int tries = 0; tries < 300 && !Files.exists(archive); tries++) {
                Servers.nap(100);
            }
            if (!Files.exists(archive)) {
                throw new IllegalStateException("the AOT cache was not written; see sluice-training/access.log");
            }
            Servers.nap(500);
        }
        return archive;
    }

    private String startMillis(String name, String cores, String... flags) throws IOException {
        double[] millis = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            Supplier<Servers.Variant> variant = () -> Servers.Variant.plain("sluice-start-" + name).cores(cores)
                    .flags(flags);
            long begun = System.nanoTime();
            Servers.Sluice sluice = servers.startSluice(variant.get());
            millis[i] = (System.nanoTime() - begun) / 1e6;
            Shell.stop(sluice.process());
        }
        return whole(Arrays.stream(millis).sorted().toArray()[rounds / 2]);
    }

    private List<Servers.Target> nginx(String name, int tenants) throws IOException {
        return servers.startNginx(name, tenants);
    }

    /** A gateway that has been warmed by misses on all cores, so that what counts is compiled, and then pinned to one. */
    private Servers.Sluice sluice(Servers.Variant variant) throws IOException {
        return warm(servers.startSluice(variant.cores("0,1")));
    }

    private Servers.Sluice warm(Servers.Sluice sluice) {
        long calls = 0;
        for (int spans = 0; spans < 30 && calls < (quick ? 60_000 : 300_000); spans++) {
            calls += load.saturate(sluice.target(), "miss", 64, 5, false).units();
        }
        Shell.pin(sluice.process(), Shell.GATEWAY);
        return sluice;
    }

    /** Loads a gateway until its compilers rest: until they take less than a fiftieth of its CPU time. */
    private void settle(Servers.Target target, Runnable span) {
        double compiling = target.jvm() ? 1 : 0;
        for (int spans = 0; spans < (quick ? 3 : 15) && compiling > 0.02; spans++) {
            long all = Usage.cpuNanos(target.pid());
            long compilers = Usage.compilerNanos(target.pid());
            span.run();
            compiling = Math.max(0.0, Usage.compilerNanos(target.pid()) - compilers)
                    / (Usage.cpuNanos(target.pid()) - all);
        }
        if (compiling > 0.02) {
            notes.add(target.name() + " still compiled when a round began: " + whole(100 * compiling)
                    + " % of its CPU time.");
        }
    }

    /** Rounds at saturation, of gateways that have been warmed by the same. */
    private Map<Servers.Target, List<Load.Figures>> round(String scenario, int tenants, boolean refused,
            Servers.Target... targets) {
        for (Servers.Target target : targets) {
            settle(target, () -> load.saturate(target, scenario, tenants, quick ? 2 : 4, refused));
        }
        return rounds(target -> load.saturate(target, scenario, tenants, seconds, refused), targets);
    }

    private interface Measure {
        Load.Figures of(Servers.Target target);
    }

    private Map<Servers.Target, List<Load.Figures>> rounds(Measure measure, Servers.Target... targets) {
        return rounds(measure, List.of(targets));
    }

    private Map<Servers.Target, List<Load.Figures>> rounds(Measure measure, List<Servers.Target> targets) {
        Map<Servers.Target, List<Load.Figures>> all = new LinkedHashMap<>();
        for (int i = 0; i < rounds; i++) {
            for (Servers.Target target : targets) {
                all.computeIfAbsent(target, fresh -> new ArrayList<>()).add(measure.of(target));
            }
        }
        return all;
    }

    private static Map<Servers.Target, List<Load.Figures>> pick(Map<Servers.Target, List<Load.Figures>> from,
            Servers.Target... targets) {
        Map<Servers.Target, List<Load.Figures>> picked = new LinkedHashMap<>();
        for (Servers.Target target : targets) {
            picked.put(target, from.get(target));
        }
        return picked;
    }

    private void heading(String title) {
        say("\n### " + title + "\n");
        headed = false;
    }

    private boolean headed;

    private void row(String name, Map<Servers.Target, List<Load.Figures>> figures, Servers.Target base) {
        if (!headed) {
            say("\n| | | CPU µs each | × nginx | each/s | B allocated each | bad |\n|---|---|---|---|---|---|---|");
            headed = true;
        }
        figures.forEach((target, list) -> say("| " + name + " | " + word(target) + " | "
                + two(median(list, Load.Figures::cpuMicros)) + " | "
                + (target.jvm() && figures.containsKey(base) && !base.jvm() ? two(ratio(list, figures.get(base))) : "")
                + " | " + whole(median(list, Load.Figures::perSecond)) + " | "
                + (list.getFirst().allocated() > 0 ? whole(median(list, Load.Figures::allocatedPerUnit)) : "") + " | "
                + list.stream().mapToLong(Load.Figures::bad).sum() + " |"));
    }

    private void delays(Map<Servers.Target, List<Load.Figures>> figures) {
        say("\n| ms | p50 | p99 | p99.9 | CPU µs each | bad |\n|---|---|---|---|---|---|");
        figures.forEach((target, list) -> say("| " + word(target) + " | "
                + three(median(list, each -> each.delayMillis(50))) + " | "
                + three(median(list, each -> each.delayMillis(99))) + " | "
                + three(median(list, each -> each.delayMillis(99.9))) + " | "
                + two(median(list, Load.Figures::cpuMicros)) + " | "
                + list.stream().mapToLong(Load.Figures::bad).sum() + " |"));
    }

    private static String word(Servers.Target target) {
        return target.name().replaceAll("-.*", "");
    }

    private static double median(List<Load.Figures> of, ToDoubleFunction<Load.Figures> what) {
        return middle(of.stream().mapToDouble(what).toArray());
    }

    /** The median of the ratios within each round. */
    private static double ratio(List<Load.Figures> of, List<Load.Figures> to) {
        double[] ratios = new double[of.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = of.get(i).cpuMicros() / to.get(i).cpuMicros();
        }
        return middle(ratios);
    }

    private static double middle(double[] values) {
        Arrays.sort(values);
        return values.length == 0 ? Double.NaN : values[values.length / 2];
    }

    private static String whole(double value) {
        return String.format("%,.0f", value);
    }

    private static String two(double value) {
        return String.format("%.2f", value);
    }

    private static String three(double value) {
        return String.format("%.3f", value);
    }

    private void say(String line) {
        System.out.println(line);
        page.append(line).append('\n');
    }
}
