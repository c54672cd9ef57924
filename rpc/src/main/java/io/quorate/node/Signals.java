package io.quorate.node;

import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears SIGTERM, SIGINT and SIGHUP from the first moment on, so that none ends the process while it
 * starts, and keeps them until somebody can act on them. The JDK offers signals only as {@code
 * sun.misc.Signal} in {@code jdk.unsupported}; reached by name, since the compiler refuses it for a
 * release and there is nothing else.
 */
final class Signals {

  private static final Signals INSTALLED = new Signals();

  private final CompletableFuture<String> stop = new CompletableFuture<>();
  private @Nullable Consumer<String> reload;
  private boolean reloadAsked;
  private boolean installed;

  private Signals() {}

  /** The process' signals, heard from now on. */
  static Signals install() {
    synchronized (INSTALLED) {
      if (!INSTALLED.installed) {
        INSTALLED.installed = true;
        handle("TERM", INSTALLED.stop::complete);
        handle("INT", INSTALLED.stop::complete);
        handle("HUP", INSTALLED::reloadAsked);
      }
    }
    return INSTALLED;
  }

  /** Completes with the name of the signal that asks to stop. */
  CompletableFuture<String> stopAsked() {
    return stop;
  }

  /** Calls {@code reloader} at each SIGHUP, and at once if there was one before. */
  void onReload(Consumer<String> reloader) {
    boolean before;
    synchronized (this) {
      reload = reloader;
      before = reloadAsked;
    }
    if (before) {
      reloader.accept("SIGHUP");
    }
  }

  private void reloadAsked(String signal) {
    Consumer<String> reloader;
    synchronized (this) {
      reloader = reload;
      reloadAsked = true;
    }
    if (reloader != null) {
      reloader.accept(signal);
    }
  }

  /** Calls {@code handler} with {@code SIG<name>} each time, on a thread of its own. */
  private static void handle(String name, Consumer<String> handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      handler.accept("SIG" + name);
                      yield null;
                    }
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" ->
                        System.identityHashCode(self) == System.identityHashCode(arguments[0]);
                    default -> "handler of SIG" + name;
                  });
      signal
          .getMethod("handle", signal, handlerType)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      logger().warn("signals outcome=failure \"SIG{} cannot be heard: {}\"", name, e.toString());
    }
  }

  /** Not before it is needed: setting up the log takes longer than all else here. */
  private static Logger logger() {
    return LoggerFactory.getLogger(Signals.class);
  }
}
