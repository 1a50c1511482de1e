import java.nio.file.Files;
import java.nio.file.Path;

/** Runs one of the benches, and keeps what it reports. */
public final class Identity {
    private Identity() {}

    public static void main(String[] arguments) throws Exception {
        Path work = Path.of("target/identity");
        Report report = switch (arguments[0]) {
            case "cost" -> Cost.run(work);
            case "flood" -> Forgers.run(work);
            default -> Rotation.run(work, arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10);
        };
        System.out.print(report.text());
        Files.writeString(work.resolve(arguments[0] + ".md"), report.text());
        System.exit(report.broken() ? 1 : 0);
    }

    /** What was measured, as Markdown. */
    record Report(String text, boolean broken) {}
}
