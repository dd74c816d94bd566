package dev.koalja.cli.breadboard;

import dev.koalja.cli.CliException;
import dev.koalja.launch.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is to be started.
 *
 * @param state the folder for data, journal and logs
 * @param ephemeral whether all of that goes at the end
 * @param ingressPort where events are posted
 * @param controlPort where commands ask
 * @param kafkaPort where our broker listens
 * @param kafka {@code host:port} of a broker that runs already; empty: ours is started
 * @param apps the project folder of each app
 * @param environment more environment for the breadboard: secrets
 * @param builds the folder of builds made while it runs; empty: none are
 * @param debuggers for each app, the first of the ports at which debuggers reach it
 * @param attached apps that are not started, by the port at which their process answers
 */
public record Plan(
    Path state,
    boolean ephemeral,
    int ingressPort,
    int controlPort,
    int kafkaPort,
    Optional<String> kafka,
    Map<String, Path> apps,
    Map<String, String> environment,
    Optional<Path> builds,
    Map<String, Integer> debuggers,
    Map<String, Integer> attached) {
  public static final int INGRESS = 8080;
  public static final int CONTROL = 9000;
  public static final int KAFKA = 9092;
  private static final Duration PAUSE = Duration.ofMillis(100);

  public Plan {
    apps = Map.copyOf(apps);
    environment = Map.copyOf(environment);
    debuggers = Map.copyOf(debuggers);
    attached = Map.copyOf(attached);
  }

  /**
   * Checks that every port is one, is used once and is free, before anything is built or started.
   *
   * @param kafkaPort empty when a broker is used that runs already
   * @param patience how long what uses them may take to end
   * @throws CliException naming the port and the option that changes it
   */
  public static void requireFreePorts(
      int ingressPort, int controlPort, OptionalInt kafkaPort, Duration patience) {
    Map<Integer, String> options = new HashMap<>();
    requireOwn(options, ingressPort, "--port");
    requireOwn(options, controlPort, "--control-port");
    kafkaPort.ifPresent(port -> requireOwn(options, port, "--kafka-port"));
    Instant limit = Instant.now().plus(patience);
    require(ingressPort, "for events", "--port", limit);
    require(controlPort, "for commands", "--control-port", limit);
    kafkaPort.ifPresent(port -> require(port, "for Kafka", "--kafka-port", limit));
  }

  private static void requireOwn(Map<Integer, String> options, int port, String option) {
    if (port < 1 || port > 65_535) {
      throw CliException.usage("%s %d is no port: choose 1 to 65535".formatted(option, port));
    }
    String other = options.putIfAbsent(port, option);
    if (other != null) {
      throw CliException.usage(
          "%s and %s are both %d: choose another port for one".formatted(other, option, port));
    }
  }

  private static void require(int port, String what, String option, Instant limit) {
    while (!free(port)) {
      if (Instant.now().isAfter(limit)) {
        throw CliException.unavailable(
            "port %d %s is in use: end what uses it, or choose another with %s"
                .formatted(port, what, option));
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw CliException.unavailable("interrupted");
      }
    }
  }

  /** {@code wanted} if it is free, else any port that is. */
  public static int freePort(int wanted) {
    if (wanted != 0 && free(wanted)) {
      return wanted;
    }
    try {
      return FreePorts.choose(1).getFirst();
    } catch (IOException e) {
      throw CliException.unavailable("no port is free on 127.0.0.1: " + e.getMessage());
    }
  }

  private static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
