import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** What each caller of an answer sees when the first one leaves, the upstream breaks off, or one of them is slow. */
final class Outcomes {
    private static final int EVENTS = 50;
    private static final int FOLLOWERS = 100;
    /** Cases at once. */
    private static final int BATCH = 8;
    private static final int NEVER = Integer.MAX_VALUE;

    private final Lab lab;
    private final Script upstream = new Script();
    /** What happened, by what was done: rows that are alike stand together. */
    private final List<Row> rows = new ArrayList<>();
    private Lab.Replica gateway;

    /** Who leads, and what was done. */
    private record Deed(String what, int from, Script.Case played, Caller leader, boolean slowOne) {}

    private record Row(String what, int from, int to, String seen) {}

    Outcomes(Lab lab) throws Exception {
        this.lab = lab;
    }

    void run() throws Exception {
        gateway = lab.gateway(upstream.port(), "");
        for (boolean stream : new boolean[]{true, false}) {
            Answer answer = Answer.of(stream, EVENTS, 100);
            String kind = stream ? "stream" : "JSON";
            List<Deed> deeds = new ArrayList<>();
            for (int at = 0; at < EVENTS; at += EVENTS / 5) {
                Script.Case played = played(kind + " killed at " + at, stream, answer, NEVER, at);
                deeds.add(new Deed(kind + ": the first caller leaves after event", at, played,
                        Caller.leaving(played, at), true));
            }
            // The last piece of a JSON text is its end: without it, it is cut within.
            for (int at = -1; at <= EVENTS; at++) {
                Script.Case played = played(kind + " cut at " + at, stream, answer, at, NEVER);
                deeds.add(new Deed(kind + ": the upstream breaks off after event", at, played, Caller.patient(played),
                        true));
            }
            for (int i = 0; i < deeds.size(); i += BATCH) {
                batch(deeds.subList(i, Math.min(deeds.size(), i + BATCH)));
            }
        }
        for (boolean stream : new boolean[]{true, false}) {
            for (int kib : new int[]{512, 16 << 10}) {
                for (boolean slowLeads : new boolean[]{false, true}) {
                    large(stream, kib, slowLeads);
                }
            }
        }
        upstream.close();
        report();
    }

    private Script.Case played(String name, boolean stream, Answer answer, int cutAt, int pauseAt) {
        Script.Case played = new Script.Case(name, stream, answer, cutAt, pauseAt);
        upstream.play(played);
        return played;
    }

    /** All that is known of a case while its callers read. */
    private record Underway(Deed deed, CompletableFuture<Caller.Saw> leader,
            List<CompletableFuture<Caller.Saw>> followers, List<CompletableFuture<Caller.Saw>> slow) {}

    private void batch(List<Deed> deeds) throws Exception {
        List<CompletableFuture<Caller.Saw>> leaders = new ArrayList<>();
        for (Deed deed : deeds) {
            leaders.add(deed.leader().call(gateway.port()));
            deed.played().arrived.await();
        }
        List<Underway> underway = new ArrayList<>();
        for (int i = 0; i < deeds.size(); i++) {
            Deed deed = deeds.get(i);
            underway.add(new Underway(deed, leaders.get(i), IntStream.range(0, FOLLOWERS)
                    .mapToObj(each -> Caller.patient(deed.played()).call(gateway.port())).toList(),
                    List.of(Caller.slow(deed.played()).call(gateway.port()))));
        }
        awaitFollowers(deeds.size() * (FOLLOWERS + 1));
        deeds.forEach(deed -> deed.played().released.countDown());
        for (Underway each : underway) {
            judge(each);
        }
    }

    private void awaitFollowers(int number) throws Exception {
        for (int look = 0; lab.metric(gateway, "sluice_cache_followers") != number; look++) {
            if (look > 600) {
                throw new IllegalStateException("not all follow: " + lab.metric(gateway, "sluice_cache_followers"));
            }
            Thread.sleep(50);
        }
    }

    private void judge(Underway each) {
        Script.Case played = each.deed().played();
        Caller.Saw leader = each.leader().join();
        Map<Caller.Saw, Integer> followers = new LinkedHashMap<>();
        each.followers().forEach(follower -> followers.merge(follower.join(), 1, Integer::sum));
        Caller.Saw slow = each.slow().getFirst().join();
        List<Caller.Saw> all = new ArrayList<>(followers.keySet());
        all.add(leader);
        all.add(slow);
        add(each.deed().what(), each.deed().from(), "| %d | %s | %s | %s |".formatted(played.calls.get(), leader,
                counted(followers), slow));
        Joined.must(all.stream().noneMatch(saw -> saw.ending() == Caller.Ending.HANGS), played.name + ": none hangs");
        Joined.must(all.stream().noneMatch(saw -> saw.ending() == Caller.Ending.WRONG), played.name + ": none is wrong");
        all.remove(leader);
        boolean cutWithin = played.cutAt > 0 && played.cutAt != NEVER;
        Caller.Ending expected = !cutWithin
                ? Caller.Ending.WHOLE
                : played.stream ? Caller.Ending.TOLD : Caller.Ending.CUT;
        Joined.must(all.stream().allMatch(saw -> saw.ending() == expected), played.name + ": all who follow see "
                + expected);
        Joined.must(played.calls.get() == (played.cutAt <= 0 ? 2 : 1), played.name + ": as few calls as possible");
    }

    private static String counted(Map<Caller.Saw, Integer> seen) {
        Map<String, Integer> sorted = new TreeMap<>();
        seen.forEach((saw, number) -> sorted.merge(saw.toString(), number, Integer::sum));
        return String.join("; ", sorted.entrySet().stream().map(each -> each.getValue() + " " + each.getKey()).toList());
    }

    /** Rows that follow one another and are alike become one. */
    private void add(String what, int at, String seen) {
        System.out.println(what + " " + at + " " + seen);
        Row last = rows.isEmpty() ? null : rows.getLast();
        if (last != null && last.what().equals(what) && last.seen().equals(seen)) {
            rows.set(rows.size() - 1, new Row(what, last.from(), at, seen));
        } else {
            rows.add(new Row(what, at, at, seen));
        }
    }

    /** A caller that reads 1 KiB a second, until everybody else is done and five seconds longer. */
    private void large(boolean stream, int kib, boolean slowLeads) throws Exception {
        int pieces = Math.max(8, kib / 40);
        Answer answer = Answer.of(stream, pieces, kib * 1024 / pieces);
        String name = (stream ? "stream" : "JSON") + " of " + kib + " KiB: " + (slowLeads
                ? "the first caller"
                : "a follower") + " reads 1 KiB/s";
        Script.Case played = played(name, stream, answer, NEVER, NEVER);
        Caller slow = Caller.slow(played);
        Caller first = slowLeads ? slow : Caller.patient(played);
        CompletableFuture<Caller.Saw> leader = first.call(gateway.port());
        played.arrived.await();
        List<CompletableFuture<Caller.Saw>> quick = new ArrayList<>(IntStream.range(0, 20)
                .mapToObj(each -> Caller.patient(played).call(gateway.port())).toList());
        CompletableFuture<Caller.Saw> lagging = slowLeads ? leader : slow.call(gateway.port());
        awaitFollowers(slowLeads ? 20 : 21);
        if (!slowLeads) {
            quick.add(leader);
        }
        long began = System.nanoTime();
        played.released.countDown();
        Map<Caller.Saw, Integer> others = new LinkedHashMap<>();
        quick.forEach(each -> others.merge(each.join(), 1, Integer::sum));
        long millis = (System.nanoTime() - began) / 1_000_000;
        Thread.sleep(5_000);
        slow.hurry();
        Caller.Saw late = lagging.join();
        add(name, 0, "| %d | %s | %s | the others took %d ms |".formatted(played.calls.get(), late,
                counted(others), millis));
        Joined.must(others.keySet().stream().allMatch(saw -> saw.ending() == Caller.Ending.WHOLE), name
                + ": the others are served");
        Joined.must(late.ending() == Caller.Ending.WHOLE || late.ending() == Caller.Ending.CUT
                || late.ending() == Caller.Ending.TOLD, name + ": the slow one sees the truth");
        Joined.must(played.calls.get() == 1, name + ": one call upstream");
    }

    private void report() throws Exception {
        List<String> lines = new ArrayList<>(List.of(
                "| what happens | calls upstream | the first caller | " + FOLLOWERS
                        + " followers | the follower that reads 1 KiB/s |",
                "|---|---|---|---|---|"));
        List<String> slow = new ArrayList<>(List.of("", "| who is slow | calls upstream | the slow one | the others | |",
                "|---|---|---|---|---|"));
        for (Row row : rows) {
            boolean large = row.what().contains("KiB");
            String at = row.from() == row.to() ? "" + row.from() : row.from() + " to " + row.to();
            (large ? slow : lines).add("| " + row.what() + (large ? " " : " " + at + " ") + row.seen());
        }
        lines.addAll(slow);
        Path report = Path.of("target/joined/outcomes.md");
        Files.createDirectories(report.getParent());
        Files.write(report, lines);
        lines.forEach(System.out::println);
    }
}
