import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A victim, several attackers by turns, files that change and keys that are revoked and restored, all at once, for
 * minutes. At 40 % of the time and at its end all stop for a moment, and what the process holds at rest is compared.
 */
final class Soak {
    private static final int AT_ONCE = 3;
    private static final int ATTACK_SECONDS = 10;
    private static final int RELOAD_EVERY = 20;
    private static final int REST_SECONDS = 45;
    private static final double MOST_CHANGE = 0.05;
    private static final long MOST_DIRECT = 256L << 20;
    private static final Path RESULTS = Path.of("target", "isolation", "soak", "results.md");

    private final Lab lab;
    private final Vertx vertx;
    private final Random dice = new Random(1);
    private final Map<String, Integer> errors = Collections.synchronizedMap(new TreeMap<>());
    private final List<String> trouble = new ArrayList<>();
    private final List<Attack> order = new ArrayList<>(Attack.ALL);
    private volatile boolean rests;
    private volatile boolean over;
    private int calls;
    private int tenant;
    private int attacks;
    private int reloads;
    private int revocations;

    /** What a process holds at rest. */
    private record Held(long heap, long cached, long direct, int threads, int descriptors, Map<String, Double> left) {
        long live() {
            return heap;
        }
    }

    private Soak(Lab lab, Vertx vertx) {
        this.lab = lab;
        this.vertx = vertx;
    }

    public static void main(String[] words) throws Exception {
        double minutes = words.length > 0 ? Double.parseDouble(words[0]) : 10;
        Vertx vertx = Vertx.vertx();
        boolean held;
        try (Lab lab = new Lab(Setup.named("soak"))) {
            held = new Soak(lab, vertx).run((long) (minutes * 60_000));
        }
        System.out.println(held ? "all bounds held" : "a bound is broken");
        System.exit(held ? 0 : 1);
    }

    private boolean run(long millis) throws Exception {
        Map<String, Double> quiet = Metrics.of(lab.admin).taken();
        Thread victim = Thread.ofPlatform().start(this::victim);
        Thread churn = Thread.ofPlatform().start(this::churn);
        long began = System.currentTimeMillis();
        attack(began + millis * 4 / 10);
        Held early = rest(quiet);
        if (lab.livesNow()) {
            attack(began + millis);
        }
        Held late = rest(quiet);
        over = true;
        victim.join(30_000);
        churn.join(30_000);
        return tell(early, late);
    }

    private void victim() {
        while (!over) {
            Lab.nap(100);
            // At rest, its connections are closed too.
            try (Victim victim = new Victim(vertx, lab.port, Lab.key("victim"))) {
                while (!over && !rests) {
                    Victim.Met met = victim.run(20, 5, true);
                    calls += 100;
                    met.errors().forEach((kind, count) -> errors.merge(kind, count, Integer::sum));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Files and keys that change. */
    private void churn() {
        for (int second = 0; !over; second++, Lab.nap(1_000)) {
            if (rests) {
                continue;
            }
            try {
                if (second % RELOAD_EVERY == 5) {
                    lab.writeConfig(60 + second % 3, ++reloads);
                }
                if (second % 10 == 0) {
                    revocations++;
                    String id = keyId(Lab.key("attacker-" + dice.nextInt(Lab.ATTACKERS)));
                    Metrics.post(lab.admin, "/admin/v1/keys/" + id + "/revoke");
                    Lab.nap(1_000);
                    Metrics.post(lab.admin, "/admin/v1/keys/" + id + "/restore");
                }
            } catch (IOException missed) {
                errors.merge("admin", 1, Integer::sum);
            }
        }
    }

    private static String keyId(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, 12);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void attack(long until) throws IOException, InterruptedException {
        while (System.currentTimeMillis() < until && lab.livesNow()) {
            List<Process> running = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                running.add(next());
            }
            Lab.nap(ATTACK_SECONDS * 1_000L + 2_000);
            for (Process each : running) {
                each.destroyForcibly().waitFor();
            }
            trouble.addAll(lab.trouble());
        }
    }

    private Process next() throws IOException {
        if (attacks % order.size() == 0) {
            Collections.shuffle(order, dice);
        }
        Attack attack = order.get(attacks++ % order.size());
        return lab.startAttack("Attack", attack.name(), dice.nextBoolean() ? "2" : "1", Integer.toString(lab.port),
                Integer.toString(lab.admin), Integer.toString(tenant++ % Lab.ATTACKERS), Integer.toString(ATTACK_SECONDS));
    }

    private Held rest(Map<String, Double> quiet) throws IOException {
        rests = true;
        Lab.nap(12_000);
        if (!lab.livesNow()) {
            rests = false;
            return new Held(0, 0, 0, 0, 0, Map.of("the process is gone", 1.0));
        }
        Map<String, Double> left = lab.leftAfter(quiet, REST_SECONDS);
        // The upstream's connections end once they have been idle for a while.
        Lab.nap(35_000);
        Held held = new Held(lab.liveBytes(), (long) Metrics.of(lab.admin).value("sluice_cache_bytes"), lab.directBytes(),
                lab.threads(), lab.descriptors(), left);
        trouble.addAll(lab.trouble());
        rests = false;
        return held;
    }

    private boolean tell(Held early, Held late) throws IOException {
        double change = early.live() == 0 ? 1 : (double) late.live() / early.live() - 1;
        Lab.say(RESULTS, "| at rest | after 40 % | at the end |\n|---|---|---|");
        line("live heap, MiB", early.live() / 1048576.0, late.live() / 1048576.0);
        line("cached answers, MiB", early.cached() / 1048576.0, late.cached() / 1048576.0);
        line("direct memory, MiB", early.direct() / 1048576.0, late.direct() / 1048576.0);
        line("threads", early.threads(), late.threads());
        line("descriptors", early.descriptors(), late.descriptors());
        Lab.say(RESULTS, "| not given back | " + early.left() + " | " + late.left() + " |");
        Lab.say(RESULTS, String.format(Locale.ROOT, "%n%d attacks, %d reloads, %d keys revoked and restored; the victim sent %d "
                + "calls, errors %s; exceptions logged: %d", attacks, reloads, revocations, calls, errors, trouble.size()));
        Files.write(RESULTS.resolveSibling("trouble"), trouble);
        return Math.abs(change) <= MOST_CHANGE && late.threads() == early.threads()
                && late.descriptors() == early.descriptors() && late.direct() <= MOST_DIRECT && trouble.isEmpty()
                && late.left().isEmpty() && early.left().isEmpty();
    }

    private static void line(String what, double early, double late) throws IOException {
        Lab.say(RESULTS, String.format(Locale.ROOT, "| %s | %.1f | %.1f |", what, early, late));
    }
}
