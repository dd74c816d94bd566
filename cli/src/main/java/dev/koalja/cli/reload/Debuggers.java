package dev.koalja.cli.reload;

import dev.koalja.cli.CliException;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.Screen;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports at which debuggers reach functions: ten for each app, one for each of its processes. */
public final class Debuggers implements AutoCloseable {
  private static final int PORTS = 10;

  /** What a JVM says, with its process id before it, as the log of an app has it. */
  private static final Pattern LISTENING =
      Pattern.compile("(?s).*\\[(\\d+)] Listening for transport dt_socket at address: (\\S+)\\s*");

  private final ControlClient control;
  private final Screen screen;
  private volatile boolean closed;

  public Debuggers(ControlClient control, Screen screen) {
    this.control = control;
    this.screen = screen;
  }

  /** For each app the first of its ports. */
  public static Map<String, Integer> ports(Collection<String> apps, int first) {
    Map<String, Integer> ports = new TreeMap<>();
    for (String app : new TreeSet<>(apps)) {
      ports.put(app, first + ports.size() * PORTS);
    }
    return ports;
  }

  /** Says the port of every process that is started from now on. */
  public void announce(Collection<String> apps) {
    for (String app : apps) {
      Thread.ofVirtual().start(() -> follow(app));
    }
  }

  private void follow(String app) {
    while (!closed) {
      try {
        control.text(
            "/serving/logs/" + app + "?follow=true&last=0",
            line -> {
              Matcher matcher = LISTENING.matcher(line);
              if (matcher.matches()) {
                screen.fact(
                    "Debugger of %s: attach to 127.0.0.1:%s (process %s)"
                        .formatted(app, matcher.group(2), matcher.group(1)));
              }
              return !closed;
            });
      } catch (CliException _) {
        // the breadboard is started again
      }
      pause(); // nor ask without end when what is followed ends at once
    }
  }

  private static void pause() {
    try {
      Thread.sleep(300);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
