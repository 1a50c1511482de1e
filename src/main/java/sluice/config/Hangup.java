package sluice.config;

import java.lang.reflect.Proxy;

/**
 * SIGHUP, by which operators ask for the configuration to be read again. One that comes before there is anything to do
 * is remembered. The JDK has no supported interface to signals; its unsupported one is looked up by name, since javac
 * warns of it in a way that cannot be answered.
 */
public final class Hangup {
    private static final Hangup OF_THIS_PROCESS = new Hangup();

    private Runnable action = () -> early = true;
    private boolean early;
    private boolean listening;

    private Hangup() {}

    /** From now on the signal does not end the process; false where there are no signals. */
    public static boolean listen() {
        return OF_THIS_PROCESS.install();
    }

    /** Does this each time from now on, on a thread of its own, and at once if the signal has come before. */
    public static void then(Runnable action) {
        OF_THIS_PROCESS.change(action);
    }

    private synchronized boolean install() {
        if (!listening) {
            listening = handle();
        }
        return listening;
    }

    private synchronized void change(Runnable next) {
        action = next;
        if (early) {
            early = false;
            next.run();
        }
    }

    private synchronized void came() {
        action.run();
    }

    private boolean handle() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object acting = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[]{handler},
                    (proxy, method, arguments) -> {
                        came();
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
