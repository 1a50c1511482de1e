import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Runs a victim next to one attacker after another, and reports whether it felt any. Started by {@code run}. */
final class Isolation {
    private static final int PER_SECOND = 20;
    private static final int REST_SECONDS = 10;
    /** With more than this not given back the next attack begins at a new process. */
    private static final double MUCH = 20;
    private static final double MOST_MORE_MILLIS = 50;
    private static final Path RESULTS = Path.of("target", "isolation", "results.md");

    private final Lab lab;
    private final Vertx vertx;
    private int tenant;
    private Map<String, Double> quiet;

    /** What the victim meets while the attacker is aimed at the sink. */
    private record Base(Victim.Met met, double overhead) {}

    /** One turn of one attack. */
    private record Turn(Base base, Victim.Met met, double overhead, double loopMillis, boolean lives,
            Map<String, Double> left, int trouble, long bad) {}

    private Isolation(Lab lab, Vertx vertx) throws IOException, InterruptedException {
        this.lab = lab;
        this.vertx = vertx;
        lab.startSink();
        settle();
    }

    public static void main(String[] words) throws Exception {
        List<String> names = new ArrayList<>();
        int turns = 1;
        int seconds = 15;
        Setup setup = Setup.named("attacks");
        for (int i = 0; i < words.length; i++) {
            switch (words[i]) {
                case "--turns" -> turns = Integer.parseInt(words[++i]);
                case "--seconds" -> seconds = Integer.parseInt(words[++i]);
                case "--http2" -> setup = setup.withHttp2Upstream();
                default -> names.add(words[i]);
            }
        }
        if (names.equals(List.of("list"))) {
            Attack.ALL.forEach(each -> System.out.printf("%-24s %-10s 1 %s, 2 %s%n", each.name(), each.who(),
                    each.first(), each.second()));
            return;
        }
        Vertx vertx = Vertx.vertx();
        boolean held = true;
        Files.deleteIfExists(RESULTS);
        for (String special : List.of("rest", "outage", "stalled", "accounts")) {
            if (names.remove(special)) {
                held &= switch (special) {
                    case "rest" -> new Rest().run();
                    case "outage" -> new Outage().run();
                    case "stalled" -> new Stalled().run();
                    default -> accounts(vertx, names, turns, seconds);
                };
                if (names.isEmpty() || special.equals("accounts")) {
                    System.exit(held ? 0 : 1);
                }
            }
        }
        try (Lab lab = new Lab(setup)) {
            held &= new Isolation(lab, vertx).all(chosen(names), turns, seconds);
        }
        System.exit(held ? 0 : 1);
    }

    /** A neighbour of a broken upstream: one account and two, one replica and three. */
    private static boolean accounts(Vertx vertx, List<String> names, int turns, int seconds) throws Exception {
        List<String> broken = Attack.ALL.stream().filter(each -> each.who().equals("upstream")).map(Attack::name)
                .filter(name -> names.isEmpty() || names.contains(name)).map(name -> name + ":1").toList();
        boolean held = true;
        for (int replicas : new int[] {1, 3}) {
            for (int accounts : new int[] {1, 2}) {
                Lab.say(RESULTS, "\nAccounts: " + accounts + ", replicas: " + replicas + "\n");
                try (Lab lab = new Lab(Setup.named("accounts-" + accounts + "-replicas-" + replicas)
                        .withAccounts(accounts).withReplicas(replicas))) {
                    held &= new Isolation(lab, vertx).all(chosen(broken), turns, seconds);
                }
            }
        }
        return held;
    }

    private record Chosen(Attack attack, boolean second) {
        String word() {
            return attack.name() + ":" + (second ? "2" : "1");
        }
    }

    private static List<Chosen> chosen(List<String> names) {
        List<Chosen> chosen = new ArrayList<>();
        for (String name : names.isEmpty() ? Attack.ALL.stream().map(Attack::name).toList() : names) {
            String[] words = name.split(":");
            Attack attack = Attack.ALL.stream().filter(each -> each.name().equals(words[0])).findFirst().orElse(null);
            if (attack == null) {
                System.err.println("no attack is called " + name + "; see bench/isolation/run list");
                System.exit(2);
            }
            for (boolean second : new boolean[] {false, true}) {
                if (words.length == 1 || words[1].equals(second ? "2" : "1")) {
                    chosen.add(new Chosen(attack, second));
                }
            }
        }
        return chosen;
    }

    private boolean all(List<Chosen> chosen, int turns, int seconds) throws Exception {
        Lab.say(RESULTS, "| attack | by | variant | errors of the victim | p50, ms (sink) | p99, ms (sink) | overhead p99, ms (sink)"
                + " | longest turn of a loop, CPU ms | lives | not given back | exceptions logged | bad upstream requests, most | |");
        Lab.say(RESULTS, "|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        Map<String, List<Turn>> seen = new TreeMap<>();
        boolean held = true;
        for (int turn = 1; turn <= turns; turn++) {
            for (Chosen each : chosen) {
                List<Turn> all = seen.computeIfAbsent(each.word(), fresh -> new ArrayList<>());
                Base base = all.isEmpty() ? base(each, seconds) : all.getFirst().base();
                all.add(turn(each, seconds, base));
                if (turn == turns) {
                    held &= tell(each, all);
                }
            }
        }
        System.out.println(held ? "all bounds held" : "a bound is broken");
        return held;
    }

    /** Lets a gateway that has just started become warm, and notes what is taken at rest. */
    private void settle() throws IOException, InterruptedException {
        quiet = Metrics.of(lab.admin).taken();
        try (Victim victim = new Victim(vertx, lab.port, Lab.key("victim"))) {
            victim.run(20, 3, true);
            victim.run(60, 8, true);
        }
        lab.leftAfter(quiet, 2);
        lab.trouble();
    }

    private Base base(Chosen chosen, int seconds) throws Exception {
        Process sunk = attack(chosen, lab.sinkPort, lab.sinkPlain, seconds);
        Metrics before = Metrics.of(lab.admin);
        Victim.Met met = victim(seconds);
        double overhead = Metrics.of(lab.admin).overheadMillis(before, 0.99);
        end(sunk);
        lab.leftAfter(quiet, 2);
        return new Base(met, overhead);
    }

    private Turn turn(Chosen chosen, int seconds, Base base) throws Exception {
        Metrics before = Metrics.of(lab.admin);
        Map<String, Double> taken = before.taken();
        long began = System.currentTimeMillis();
        long bad = lab.seenUpstream()[2];
        Process attacker = attack(chosen, lab.attackedPort(), lab.attackedAdmin(), seconds);
        Victim.Met met = victim(seconds);
        end(attacker);
        double loop = Probe.worstMillis(lab.probe(), began, System.currentTimeMillis());
        boolean lives = livesSoon();
        double overhead = lives ? metrics().overheadMillis(before, 0.99) : Double.NaN;
        Map<String, Double> left = lives ? lab.leftAfter(taken, REST_SECONDS) : Map.of();
        Turn turn = new Turn(base, met, overhead, loop, lives, left, lab.trouble().size(),
                lab.seenUpstream()[2] - bad);
        if (!lives || met.failed() > 0 || left.values().stream().anyMatch(each -> each > MUCH)) {
            lab.restartGateway();
            settle();
        }
        return turn;
    }

    private Metrics metrics() throws IOException {
        for (int tries = 0;; tries++) {
            try {
                return Metrics.of(lab.admin);
            } catch (IOException busy) {
                if (tries == 5) {
                    return new Metrics(Map.of(), java.util.Set.of());
                }
            }
        }
    }

    private boolean livesSoon() {
        for (int tries = 0; tries < 5; tries++) {
            if (lab.livesNow()) {
                return true;
            }
            Lab.nap(500);
        }
        return false;
    }

    private Process attack(Chosen chosen, int port, int admin, int seconds) throws IOException {
        Process attack = lab.startAttack("Attack", chosen.attack().name(), chosen.second() ? "2" : "1",
                Integer.toString(port), Integer.toString(admin), Integer.toString(tenant % Lab.ATTACKERS),
                Integer.toString(seconds + 2));
        if (port == lab.attackedPort()) {
            tenant++;
        }
        Lab.nap(1_000);
        return attack;
    }

    private Victim.Met victim(int seconds) throws InterruptedException {
        try (Victim victim = new Victim(vertx, lab.port, Lab.key("victim"))) {
            return victim.run(PER_SECOND, seconds, true);
        }
    }

    private static void end(Process attack) throws InterruptedException {
        if (!attack.waitFor(3, TimeUnit.SECONDS)) {
            attack.destroyForcibly().waitFor();
        }
    }

    private boolean tell(Chosen chosen, List<Turn> turns) throws IOException {
        int errors = turns.stream().mapToInt(each -> each.met().failed()).sum();
        Map<String, Integer> kinds = new TreeMap<>();
        turns.forEach(each -> each.met().errors().forEach((kind, count) -> kinds.merge(kind, count, Integer::sum)));
        double p99 = median(turns, each -> each.met().millis(99));
        Base base = turns.getFirst().base();
        double p99Base = base.met().millis(99);
        double overhead = median(turns, Turn::overhead);
        boolean lives = turns.stream().allMatch(Turn::lives);
        Map<String, Double> left = new TreeMap<>();
        turns.forEach(each -> left.putAll(each.left()));
        boolean held = errors == 0 && lives && left.isEmpty() && p99 <= p99Base + MOST_MORE_MILLIS
                && overhead <= base.overhead() + MOST_MORE_MILLIS;
        Lab.say(RESULTS, String.format(Locale.ROOT,
                "| %s | %s | %s | %d%s | %.1f (%.1f) | %.0f (%.0f) | %.1f (%.1f) | %.0f | %s | %s | %d | %d | %s |",
                chosen.attack().name(), chosen.attack().who(), chosen.attack().variant(chosen.second()), errors,
                kinds.isEmpty() ? "" : " " + kinds, median(turns, each -> each.met().millis(50)),
                base.met().millis(50), p99, p99Base, overhead, base.overhead(),
                turns.stream().mapToDouble(Turn::loopMillis).max().orElse(0), lives ? "yes" : "**no**",
                left.isEmpty() ? "" : left.toString().replace("|", "/"), turns.stream().mapToInt(Turn::trouble).sum(),
                turns.stream().mapToLong(Turn::bad).max().orElse(0),
                held ? "held" : "**felt**"));
        return held;
    }

    private static double median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
        double[] figures = turns.stream().mapToDouble(figure).sorted().toArray();
        return figures[figures.length / 2];
    }
}
