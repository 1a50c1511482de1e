package sluice.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside of the heap, in blocks of {@value #BLOCK} bytes. It is taken in slabs, as it is needed, up to a bound.
 * Callable from any thread; whoever reads or writes blocks must own or hold them.
 */
final class Slabs {
    static final int BLOCK = 512;
    private static final int LARGEST_SLAB = 1 << 20;
    private static final int SLABS = 64;
    /** With more slabs than these their number costs more than their size saves. */
    private static final long MOST_SLABS = 65_536;

    private final int slabBytes;
    private MemorySegment[] slabs = new MemorySegment[0];
    private int[] free = new int[0];
    private int freeCount;
    private int slabCount;
    private long maxBytes;

    /** @param maxBytes the most to take */
    Slabs(long maxBytes) {
        long even = maxBytes / SLABS / BLOCK * BLOCK;
        this.slabBytes = Math.clamp(even, BLOCK, LARGEST_SLAB);
        this.maxBytes = maxBytes;
    }

    /** How many blocks so many bytes take. */
    static int blocks(int bytes) {
        return Math.ceilDiv(bytes, BLOCK);
    }

    /** Whether slabs of this size suit another bound. */
    boolean suits(long otherMaxBytes) {
        return otherMaxBytes / slabBytes <= MOST_SLABS;
    }

    /** Changes the bound. Slabs above it are given back once nothing is in them, at the next change. */
    synchronized void change(long changed) {
        maxBytes = changed;
        while (slabCount * (long) slabBytes > changed && isFree(slabCount - 1)) {
            slabCount--;
            slabs[slabCount] = MemorySegment.NULL;
            int first = slabCount * perSlab();
            int kept = 0;
            for (int i = 0; i < freeCount; i++) {
                if (free[i] < first) {
                    free[kept++] = free[i];
                }
            }
            freeCount = kept;
        }
    }

    private boolean isFree(int slab) {
        int first = slab * perSlab();
        int within = 0;
        for (int i = 0; i < freeCount; i++) {
            within += free[i] >= first && free[i] < first + perSlab() ? 1 : 0;
        }
        return within == perSlab();
    }

    private int perSlab() {
        return slabBytes / BLOCK;
    }

    /** Whether there could ever be room for so many bytes. */
    synchronized boolean fits(int bytes) {
        return (long) blocks(bytes) * BLOCK <= maxBytes / slabBytes * slabBytes;
    }

    /** Takes blocks for so many bytes; null if there is no room now. */
    synchronized int @Nullable [] take(int bytes) {
        int count = blocks(bytes);
        while (freeCount < count && (slabCount + 1L) * slabBytes <= maxBytes) {
            addSlab();
        }
        if (freeCount < count) {
            return null;
        }
        freeCount -= count;
        return Arrays.copyOfRange(free, freeCount, freeCount + count);
    }

    private void addSlab() {
        if (slabCount == slabs.length) {
            slabs = Arrays.copyOf(slabs, Math.max(4, 2 * slabCount));
        }
        // Freed by the collector, so that no reader can ever meet memory that is gone.
        slabs[slabCount] = Arena.ofAuto().allocate(slabBytes);
        slabCount++;
        if (free.length < slabCount * perSlab()) {
            free = Arrays.copyOf(free, slabs.length * perSlab());
        }
        for (int block = slabCount * perSlab() - 1; block >= (slabCount - 1) * perSlab(); block--) {
            free[freeCount++] = block;
        }
    }

    /** Gives back what was taken. */
    synchronized void give(int[] blocks) {
        System.arraycopy(blocks, 0, free, freeCount, blocks.length);
        freeCount += blocks.length;
    }

    /** Bytes in blocks that are taken. */
    synchronized long used() {
        return (slabCount * (long) perSlab() - freeCount) * BLOCK;
    }

    void write(int[] blocks, byte[] bytes) {
        for (int i = 0; i < blocks.length; i++) {
            int from = i * BLOCK;
            MemorySegment.copy(bytes, from, slabOf(blocks[i]), ValueLayout.JAVA_BYTE, offset(blocks[i]),
                    Math.min(BLOCK, bytes.length - from));
        }
    }

    byte[] read(int[] blocks, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < blocks.length; i++) {
            int from = i * BLOCK;
            MemorySegment.copy(slabOf(blocks[i]), ValueLayout.JAVA_BYTE, offset(blocks[i]), bytes, from,
                    Math.min(BLOCK, length - from));
        }
        return bytes;
    }

    /** Without the lock: a block that is held is in a slab that stays, and was published with it. */
    @SuppressWarnings("GuardedBy")
    private MemorySegment slabOf(int block) {
        return slabs[block / perSlab()];
    }

    private long offset(int block) {
        return (long) (block % perSlab()) * BLOCK;
    }
}
