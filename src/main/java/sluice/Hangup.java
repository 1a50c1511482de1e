package sluice;

import java.lang.reflect.Proxy;

/**
 * SIGHUP, by which operators ask for the configuration to be read again. The JDK has no supported interface to signals;
 * its unsupported one is looked up by name, since javac warns of it in a way that cannot be answered.
 */
final class Hangup {
    private Hangup() {}

    /** Does this each time, on a thread of its own; false where there are no signals. */
    static boolean then(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object acting = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[]{handler},
                    (proxy, method, arguments) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler).invoke(null,
                    signal.getConstructor(String.class).newInstance("HUP"), acting);
            return true;
        } catch (ReflectiveOperationException none) {
            return false;
        }
    }
}
