package sluice.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * Fails the tests when a buffer of Netty was collected without having been released, with the record of who touched it
 * last. A class reports what came to light before its end, which the class before it may have caused; the rest comes to light at the
 * end of all.
 */
public final class LeakedBuffers implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();
    private static final long COLLECTION_NANOS = 50_000_000;
    private static final int COLLECTIONS = 4;

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            @SuppressWarnings("deprecation")
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval, long maxActive) {
                return newResourceLeakDetector(type, interval);
            }

            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval) {
                return new Telling<>(type, interval);
            }
        });
    }

    @SuppressWarnings("deprecation")
    private static final class Telling<T> extends ResourceLeakDetector<T> {
        private Telling(Class<T> type, int interval) {
            super(type, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
            super.reportTracedLeak(type, records);
            if (!isOfAPeer(records)) {
                FOUND.add(type + " was not released:" + records);
            }
        }

        @Override
        protected void reportUntracedLeak(String type) {
            super.reportUntracedLeak(type);
            FOUND.add(type + " was not released");
        }
    }

    /** The gateway reads by the system's own transport; those whom tests put around it do not, and forget what they like. */
    private static boolean isOfAPeer(String records) {
        return Epoll.isAvailable() && records.contains("io.netty.channel.nio.");
    }

    /** What has come to light, and is then forgotten; all there is, as far as the collector follows the wish for it. */
    static List<String> collected() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            LockSupport.parkNanos(COLLECTION_NANOS);
            // The detector looks at what was collected when a buffer is made.
            ByteBuf any = PooledByteBufAllocator.DEFAULT.buffer();
            any.release();
        }
        return found();
    }

    private static List<String> found() {
        return Stream.generate(FOUND::poll).takeWhile(record -> record != null).toList();
    }

    private static void failOf(List<String> leaks) {
        if (!leaks.isEmpty()) {
            throw new AssertionError("leaked buffers: " + String.join("\n", leaks));
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // Surefire runs each class by itself: what ends with all of them is the session.
        context.getStore(StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.create(LeakedBuffers.class))
                .computeIfAbsent("at the end of all", key -> (AutoCloseable) () -> failOf(collected()));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        failOf(found());
    }
}
