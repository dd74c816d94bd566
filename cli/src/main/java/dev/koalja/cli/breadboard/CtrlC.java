package dev.koalja.cli.breadboard;

import java.lang.reflect.Proxy;

/**
 * Ctrl-C, counted. The platform's own way is a shutdown hook, which cannot be interrupted by a
 * second Ctrl-C; the class that can is outside the standard, so it is reached by reflection, and
 * where it is missing the shutdown hook is what remains.
 */
public final class CtrlC {
  private CtrlC() {}

  /** Calls {@code handler} at each Ctrl-C from now on, in place of ending the process. */
  public static void handle(Runnable handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> signalHandler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              CtrlC.class.getClassLoader(),
              new Class<?>[] {signalHandler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  handler.run();
                  return null;
                }
                return method.getName().equals("hashCode")
                    ? System.identityHashCode(self)
                    : method.getName().equals("toString") ? "Ctrl-C" : self == arguments[0];
              });
      signal
          .getMethod("handle", signal, signalHandler)
          .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
    } catch (ReflectiveOperationException e) {
      // then one Ctrl-C ends us through the shutdown hook, in good order too
    }
  }
}
