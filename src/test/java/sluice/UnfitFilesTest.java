package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.cli.Check;
import sluice.cli.ConfigReload;
import sluice.cli.Gateway;
import sluice.cli.Serve;
import sluice.config.ConfigReader;
import sluice.testing.CapturedLog;
import sluice.testing.CommandRun;
import sluice.time.Time;

/** Whatever stands in for a configuration or a secret: check, start and reload report it and never hang. */
@Timeout(60)
class UnfitFilesTest {
    private static final int LARGE = 60 << 20;

    @TempDir
    private Path folder = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("sluice.yaml");
    }

    /** Puts something unfit in place of the file. */
    @FunctionalInterface
    interface Placing {
        void at(Path file) throws Exception;
    }

    record Unfit(String name, Placing placing, String told) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Unfit> unfit() {
        return Stream.of(
                new Unfit("lists in lists", text("x: " + "[".repeat(5_000)), "more than 50 levels deep"),
                new Unfit("mappings in mappings", text("x: " + "{x: ".repeat(5_000)), "more than 50 levels deep"),
                new Unfit("lists by indentation", text("- ".repeat(5_000)), "more than 50 levels deep"),
                new Unfit("aliases of aliases", text(aliases()), "more than 5000000 values"),
                new Unfit("an alias of itself", text("x: &x [*x]"), "an alias inside its own anchor"),
                new Unfit("a pipe", UnfitFilesTest::makePipe, "is a pipe or a device"),
                new Unfit("a device", at -> Files.createSymbolicLink(at, Path.of("/dev/zero")),
                        "is a pipe or a device"),
                new Unfit("a directory", Files::createDirectory, "is a directory"),
                new Unfit("a scalar of 60 MB", text("x: " + "y".repeat(LARGE)), "is larger than 16MiB"),
                new Unfit("not text", at -> Files.write(at, new byte[]{'x', ':', ' ', (byte) 0xff}), "not text"),
                new Unfit("nothing", at -> {}, "missing"),
                new Unfit("a name with NUL", text("ledger: { url: \"sqlite:a\\0b\" }"), "not the name of a file"),
                new Unfit("a secret that is a pipe", secret(UnfitFilesTest::makePipe), "is a pipe or a device"),
                new Unfit("a secret that is a directory", secret(Files::createDirectory), "is a directory"),
                new Unfit("a secret of 60 MB", secret(text("y".repeat(LARGE))), "is larger than 64KiB"),
                new Unfit("a secret that is no text",
                        secret(at -> Files.write(at, new byte[]{(byte) 0xff, (byte) 0xfe})), "is not text"));
    }

    private static Placing text(String content) {
        return at -> Files.writeString(at, content);
    }

    private static Placing secret(Placing placing) {
        return at -> {
            Path secret = at.resolveSibling("secret");
            placing.at(secret);
            Files.writeString(at, config("file:" + secret));
        };
    }

    private static void makePipe(Path at) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", at.toString()).inheritIO().start().waitFor()).isZero();
    }

    /** Ten million values in three kilobytes; the composer itself bounds only how many aliases there are. */
    private static String aliases() {
        return "x0: &x0 [" + "y, ".repeat(499) + "y]\n" + IntStream.rangeClosed(1, 4)
                .mapToObj(
                        i -> "x" + i + ": &x" + i + " [" + ("*x" + (i - 1) + ", ").repeat(11) + "*x" + (i - 1) + "]\n")
                .collect(Collectors.joining());
    }

    private static String config(String key) {
        return """
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                upstream: { base-url: "http://127.0.0.1:1/v1", accounts: [ { name: main, keys: ["%s"] } ] }
                """.formatted(key);
    }

    @ParameterizedTest
    @MethodSource
    void unfit(Unfit unfit) throws Exception {
        unfit.placing().at(file);
        for (Object command : List.of(new Check(), new Serve())) {
            CommandRun run = new CommandRun(command);
            assertThat(run.with("--config", file.toString())).isEqualTo(2);
            assertThat(run.err()).contains(unfit.told()).hasSizeLessThan(2_000);
            assertThat(run.out()).isEmpty();
        }
    }

    @Test
    void reloadKeepsTheOldOneAndGoesOn() throws Exception {
        write();
        Gateway gateway = Gateway.start(ConfigReader.read(file, UnfitFilesTest::none), Time.system()).await();
        ConfigReload reload = new ConfigReload(file, UnfitFilesTest::none, List.of(file), gateway);
        try (CapturedLog log = CapturedLog.open()) {
            for (Unfit unfit : unfit().toList()) {
                clear();
                unfit.placing().at(file);
                assertThat(failure(reload.read())).as(unfit.name()).isNotNull();
                assertThat(log.lines().getLast()).contains("keeping the old one", unfit.told())
                        .hasSizeLessThan(2_000);
                assertThat(metrics(gateway)).contains("sluice_config_reload_success 0.0");
                assertThat(trouble(gateway)).startsWith("configuration not reloaded, keeping the old one: ");
                assertThat(log.lines().getLast()).startsWith(trouble(gateway).replace("…", ""));
            }
            clear();
            write();
            assertThat(failure(reload.read())).isNull();
            assertThat(metrics(gateway)).contains("sluice_config_reload_success 1.0");
            assertThat(trouble(gateway)).isEmpty();
        } finally {
            gateway.stop().await();
        }
    }

    /** Whatever it is, it is logged and counted, and the next reload takes place. */
    @Test
    void whatNobodyExpectsOfAReloadIsTold() throws Exception {
        Files.writeString(file, config("${KEY}"));
        Gateway gateway = Gateway
                .start(ConfigReader.read(file, name -> name.startsWith("OTEL_") ? null : "sk-upstream"), Time.system())
                .await();
        try (CapturedLog log = CapturedLog.open()) {
            for (Throwable failure : List.of(new IllegalStateException("planted"), new StackOverflowError("planted"),
                    new NoClassDefFoundError("planted"))) {
                ConfigReload reload = new ConfigReload(file, name -> sneak(failure), List.of(file), gateway);
                assertThat(failure(reload.read())).isSameAs(failure);
                assertThat(log.lines().getLast()).contains("keeping the old one", failure.getClass().getName(),
                        "planted");
                assertThat(metrics(gateway)).contains("sluice_config_reload_success 0.0");
                assertThat(trouble(gateway)).endsWith("because of a fault that the log shows");
            }
            assertThat(failure(new ConfigReload(file,
                    name -> name.startsWith("OTEL_") ? null : "sk-other", List.of(file), gateway).read())).isNull();
            assertThat(metrics(gateway)).contains("sluice_config_reload_success 1.0");
        } finally {
            gateway.stop().await();
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> String sneak(Throwable failure) throws E {
        throw (E) failure;
    }

    private static @Nullable Throwable failure(Future<Void> reloaded) {
        return catchThrowable(() -> reloaded.await());
    }

    private static @Nullable String none(String variable) {
        return null;
    }

    private void write() throws IOException {
        Files.writeString(file, config("sk-upstream"), StandardCharsets.UTF_8);
    }

    private void clear() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder.resolve("secret"));
    }

    private static String metrics(Gateway gateway) throws Exception {
        return admin(gateway, "/metrics");
    }

    /** What the overview says is wrong; empty if nothing is. */
    private static String trouble(Gateway gateway) throws Exception {
        return new JsonObject(admin(gateway, "/admin/v1/overview")).getJsonArray("troubles").stream()
                .map(trouble -> ((JsonObject) trouble).getString("text")).collect(Collectors.joining());
    }

    private static String admin(Gateway gateway, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + gateway.adminPort() + path)).build(), BodyHandlers.ofString())
                    .body();
        }
    }
}
