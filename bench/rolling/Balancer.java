import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP balancer as a Kubernetes Service is one: new connections go round the replicas that are ready, by a probe of
 * readiness; open ones stay where they are, and it knows nothing of what they carry.
 */
final class Balancer implements AutoCloseable {
    private static final int PROBE_MILLIS = 250;

    /** Where a replica takes calls, and where it reports whether it wants any. */
    record Replica(int port, int adminPort) {}

    private final List<Replica> replicas;
    private final Processes processes;
    private final ServerSocket server;
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile List<Replica> ready;
    private volatile boolean open = true;

    Balancer(List<Replica> replicas, Processes processes) throws IOException {
        this.replicas = replicas;
        this.processes = processes;
        this.ready = List.copyOf(replicas);
        this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
        Thread.startVirtualThread(this::probe);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Connections that no ready replica took. */
    int refused() {
        return refused.get();
    }

    private void probe() {
        while (open) {
            List<Replica> now = new CopyOnWriteArrayList<>();
            replicas.stream().filter(replica -> processes.answers(replica.adminPort(), "/readyz")).forEach(now::add);
            ready = now;
            try {
                TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void accept() {
        while (open) {
            try {
                Socket client = server.accept();
                Thread.startVirtualThread(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        List<Replica> now = ready;
        try {
            Replica replica = now.get(Math.floorMod(turn.getAndIncrement(), Math.max(1, now.size())));
            Socket upstream = new Socket(InetAddress.getLoopbackAddress(), replica.port());
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            Thread.startVirtualThread(() -> pass(upstream, client));
            pass(client, upstream);
        } catch (IOException | IndexOutOfBoundsException nobody) {
            refused.incrementAndGet();
            close(client);
        }
    }

    /** An end passes on as an end, a break as a break. */
    private static void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] piece = new byte[16 * 1024];
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                out.write(piece, 0, length);
            }
            to.shutdownOutput();
        } catch (IOException broken) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException closedAlready) {
            // That is what was wanted.
        }
    }

    @Override
    public void close() throws IOException {
        open = false;
        server.close();
    }
}
