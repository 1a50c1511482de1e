/** Identical calls in flight, at one replica and at several: how many go upstream, and what each caller sees. See README.md. */
final class Joined {
    private static boolean broken;

    private Joined() {}

    public static void main(String[] arguments) throws Exception {
        try (Lab lab = new Lab(arguments[0])) {
            switch (arguments[1]) {
                case "herd" -> new Herd(lab).run();
                case "redis" -> new SlowRedis(lab).run();
                case "outcomes" -> new Outcomes(lab).run();
                default -> throw new IllegalArgumentException(arguments[1]);
            }
        }
        System.exit(broken ? 1 : 0);
    }

    /** Says so if a bound does not hold; the bench then ends with 1. */
    static void must(boolean holds, String what) {
        if (!holds) {
            broken = true;
            System.out.println("BROKEN: " + what);
        }
    }

    /** The body of a call of chat completions with this prompt. */
    static String body(String prompt, boolean stream) {
        return "{\"model\":\"gpt-4o-mini\",\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                + prompt + "\"}]}";
    }
}
