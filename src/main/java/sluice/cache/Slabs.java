package sluice.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory outside the heap, in blocks of {@value #BLOCK} bytes. It is taken in slabs, as it is needed, up to a bound.
 * Callable from any thread; readers and writers of blocks must own or hold them.
 */
final class Slabs {
    static final int BLOCK = 512;
    private static final Logger LOG = LoggerFactory.getLogger(Slabs.class);
    private static final int LARGEST_SLAB = 1 << 20;
    private static final int SLABS = 64;
    /** With more slabs than this, their number costs more than their size saves. */
    private static final long MOST_SLABS = 65_536;

    /** A slab. One that is retired gives no more blocks, and its memory back once all of them are free. */
    private static final class Slab {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment memory;
        private int free;
        private boolean retired;

        Slab(int bytes) {
            memory = arena.allocate(bytes);
        }
    }

    private final int slabBytes;
    private final int perSlab;
    private volatile @Nullable Slab[] slabs = new Slab[4];
    /** Those that are not retired. */
    private int open;
    /** All that hold memory. */
    private int held;
    private int[] free = new int[0];
    private int freeCount;
    private long used;
    private long maxBytes;

    /** @param maxBytes the most to take */
    Slabs(long maxBytes) {
        long even = maxBytes / SLABS / BLOCK * BLOCK;
        this.slabBytes = Math.clamp(even, BLOCK, LARGEST_SLAB);
        this.perSlab = slabBytes / BLOCK;
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

    /** Changes the bound. What is above it is given back as it becomes free; with 0, everything. */
    synchronized void change(long changed) {
        maxBytes = changed;
        boolean fewer = false;
        for (int i = slabs.length - 1; i >= 0 && open * (long) slabBytes > changed; i--) {
            Slab slab = slabs[i];
            if (slab != null && !slab.retired) {
                slab.retired = true;
                open--;
                fewer = true;
            }
        }
        if (fewer) {
            forgetRetired();
        }
    }

    private void forgetRetired() {
        int kept = 0;
        for (int i = 0; i < freeCount; i++) {
            Slab slab = slabs[free[i] / perSlab];
            if (slab != null && !slab.retired) {
                free[kept++] = free[i];
            }
        }
        freeCount = kept;
        for (int i = 0; i < slabs.length; i++) {
            closeIfFree(i);
        }
    }

    /** None of its blocks are held, so nobody reads it. */
    private void closeIfFree(int index) {
        Slab slab = slabs[index];
        if (slab != null && slab.retired && slab.free == perSlab) {
            slabs[index] = null;
            held--;
            slab.arena.close();
        }
    }

    /** Whether there could ever be room for so many bytes. */
    synchronized boolean fits(int bytes) {
        return (long) blocks(bytes) * BLOCK <= maxBytes / slabBytes * slabBytes;
    }

    /** Takes blocks for so many bytes; null if there is no room now. */
    synchronized int @Nullable [] take(int bytes) {
        int count = blocks(bytes);
        while (freeCount < count && (held + 1L) * slabBytes <= maxBytes && addSlab()) {
            // One more.
        }
        if (freeCount < count) {
            return null;
        }
        freeCount -= count;
        used += count;
        int[] taken = Arrays.copyOfRange(free, freeCount, freeCount + count);
        for (int block : taken) {
            slab(block).free--;
        }
        return taken;
    }

    private boolean addSlab() {
        int index = 0;
        while (index < slabs.length && slabs[index] != null) {
            index++;
        }
        try {
            Slab slab = new Slab(slabBytes);
            slab.free = perSlab;
            if (index == slabs.length) {
                slabs = Arrays.copyOf(slabs, 2 * index);
            }
            slabs[index] = slab;
        } catch (OutOfMemoryError refused) {
            maxBytes = held * (long) slabBytes;
            LOG.warn("the cache stays at {} bytes: the system has no more memory for it", maxBytes);
            return false;
        }
        open++;
        held++;
        if (free.length < slabs.length * perSlab) {
            free = Arrays.copyOf(free, slabs.length * perSlab);
        }
        for (int block = (index + 1) * perSlab - 1; block >= index * perSlab; block--) {
            free[freeCount++] = block;
        }
        return true;
    }

    /** Gives back what was taken. */
    synchronized void give(int[] blocks) {
        used -= blocks.length;
        for (int block : blocks) {
            Slab slab = slab(block);
            slab.free++;
            if (slab.retired) {
                closeIfFree(block / perSlab);
            } else {
                free[freeCount++] = block;
            }
        }
    }

    /** Bytes in blocks that are taken. */
    synchronized long used() {
        return used * BLOCK;
    }

    /** Bytes taken from the system. */
    synchronized long heldBytes() {
        return held * (long) slabBytes;
    }

    void write(int[] blocks, byte[] bytes) {
        for (int i = 0; i < blocks.length; i++) {
            int from = i * BLOCK;
            MemorySegment.copy(bytes, from, slab(blocks[i]).memory, ValueLayout.JAVA_BYTE, offset(blocks[i]),
                    Math.min(BLOCK, bytes.length - from));
        }
    }

    byte[] read(int[] blocks, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < blocks.length; i++) {
            int from = i * BLOCK;
            MemorySegment.copy(slab(blocks[i]).memory, ValueLayout.JAVA_BYTE, offset(blocks[i]), bytes, from,
                    Math.min(BLOCK, length - from));
        }
        return bytes;
    }

    /** A slab of which somebody holds a block stays. */
    private Slab slab(int block) {
        Slab slab = slabs[block / perSlab];
        if (slab == null) {
            throw new IllegalStateException("block " + block + " is not held");
        }
        return slab;
    }

    private long offset(int block) {
        return (long) (block % perSlab) * BLOCK;
    }
}
