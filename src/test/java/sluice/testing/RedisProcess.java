package sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A redis-server of its own on a free port of loopback, which can be stopped, killed and started again. */
public final class RedisProcess implements AutoCloseable {
    private static final int FIRST_PORT = 16_384;
    /** Of Linux, unless told otherwise (net.ipv4.ip_local_port_range). */
    private static final int FIRST_EPHEMERAL_PORT = 32_768;
    /** Nodes of a Redis Cluster talk to each other on this many ports above their own. */
    private static final int BUS_ABOVE_PORT = 10_000;

    private final int port;
    private final int lastPort;
    private final Path folder;
    private final List<String> command;
    private Process process;

    private RedisProcess(int port, int lastPort, List<String> program, List<String> options) {
        this.port = port;
        this.lastPort = lastPort;
        this.folder = newFolder();
        this.command = new ArrayList<>(program);
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", folder.toString()));
        command.addAll(options);
        this.process = launch();
    }

    /** Starts one that answers when this returns; options as on its command line. */
    public static RedisProcess start(String... options) {
        int port = freePort();
        return start(port, port, options);
    }

    /** Starts a node of a Redis Cluster that others can meet when this returns. */
    public static RedisProcess clusterNode() {
        int port = freePort(FIRST_EPHEMERAL_PORT - BUS_ABOVE_PORT);
        while (!isFree(port + BUS_ABOVE_PORT)) {
            port = freePort(FIRST_EPHEMERAL_PORT - BUS_ABOVE_PORT);
        }
        return start(port, port + BUS_ABOVE_PORT, "--cluster-enabled", "yes");
    }

    private static RedisProcess start(int port, int lastPort, String... options) {
        List<String> all = new ArrayList<>(List.of("--save", "", "--appendonly", "no"));
        all.addAll(List.of(options));
        return new RedisProcess(port, lastPort, List.of("redis-server"), all);
    }

    /** Starts a sentinel with a configuration of its own, which it rewrites. */
    public static RedisProcess sentinel(Path config) {
        int port = freePort();
        return new RedisProcess(port, port, List.of("redis-server", config.toString(), "--sentinel"), List.of());
    }

    /**
     * A port that nobody uses now. It lies below those that the kernel gives to connections, so that none of the many
     * that tests open takes it before it is used.
     */
    public static int freePort() {
        return freePort(FIRST_EPHEMERAL_PORT);
    }

    private static int freePort(int below) {
        for (;;) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, below);
            if (isFree(port)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (BindException taken) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** It hangs: connections stay open, and nothing answers. */
    public void pause() {
        signal("STOP");
    }

    /** It goes on where it hung. */
    public void resume() {
        signal("CONT");
    }

    /** It dies without a word. */
    public void kill() {
        process.destroyForcibly();
        await(() -> !process.isAlive());
    }

    /** A new one in its place, which knows nothing. */
    public void restart() {
        kill();
        process = launch();
    }

    @Override
    public void close() {
        kill();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch() {
        try {
            Process started = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile()).start();
            await(() -> answers(port) && answers(lastPort));
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("redis-server does not do what it is told");
            }
            Thread.onSpinWait();
        }
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("redis");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
