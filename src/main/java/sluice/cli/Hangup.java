package sluice.cli;

import java.lang.reflect.Proxy;

/**
 * SIGHUP, which operators send to reload the configuration. A signal that arrives before an action is set is
 * remembered. The JDK has no supported signal API; the unsupported one is looked up by name, since javac's warning
 * about it cannot be suppressed.
 */
public final class Hangup {
    private static final Hangup OF_THIS_PROCESS = new Hangup();

    private Runnable action = () -> early = true;
    private boolean early;
    private boolean listening;

    private Hangup() {}

    /** Keeps the signal from ending the process; false on platforms without signals. */
    public static boolean listen() {
        return OF_THIS_PROCESS.install();
    }

    /** Runs the action on each signal, on the signal's own thread, and at once if a signal has already arrived. */
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
