package sluice.testing;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** Counts what the collector cannot take. */
public final class Instances {

    private Instances() {}

    /** The reachable objects of the class of this name; collects first. */
    public static long of(String type) {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                    new Object[]{new String[0]}, new String[]{String[].class.getName()});
            // A line is number, instances, bytes, class.
            return histogram.lines().map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 3 && words[3].equals(type))
                    .mapToLong(words -> Long.parseLong(words[1])).sum();
        } catch (JMException unknown) {
            throw new AssertionError(unknown);
        }
    }
}
