package dev.koalja.knative.serving.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A function process with nothing but the JDK, which keeps the contract of PROTOCOL.md section 3
 * and misbehaves on demand: by environment at start, by path later.
 */
public final class FunctionMain {
  private static final AtomicInteger IN_FLIGHT = new AtomicInteger();

  private FunctionMain() {}

  public static void main(String[] args) throws Exception {
    System.out.println(
        "revision " + System.getenv("K_REVISION") + " of " + System.getenv("K_SERVICE"));
    String changed = System.getenv("CHANGE_AT_START");
    if (changed != null) {
      Files.writeString(Path.of(changed), "built again");
    }
    if (System.getenv("SAY_AT_START") != null) {
      System.out.println(System.getenv("SAY_AT_START"));
    }
    if (System.getenv("HANG_AT_START") != null) {
      Thread.sleep(Duration.ofMinutes(5));
    }
    if (System.getenv("THROW_AT_START") != null) {
      throw new IllegalStateException(
          "cannot start", new IOException(System.getenv("THROW_AT_START")));
    }
    String exit = System.getenv("EXIT_AT_START");
    if (exit != null) {
      System.err.println("cannot reach the price list");
      System.exit(Integer.parseInt(exit));
    }
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(
                System.getenv("KOALJA_HOST"), Integer.parseInt(System.getenv("PORT"))),
            0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/health/ready", exchange -> answer(exchange, "ready"));
    server.createContext("/crash", _ -> Runtime.getRuntime().halt(3));
    server.createContext(
        "/",
        exchange -> {
          IN_FLIGHT.incrementAndGet();
          try {
            String query = exchange.getRequestURI().getQuery();
            Thread.sleep(query == null ? 0 : Long.parseLong(query));
            answer(exchange, Long.toString(ProcessHandle.current().pid()));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            IN_FLIGHT.decrementAndGet();
          }
        });
    server.start();
    if (System.getenv("IGNORE_TERM") == null) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(10)));
    } else {
      Runtime.getRuntime().addShutdownHook(new Thread(FunctionMain::hang));
    }
    if (Boolean.parseBoolean(System.getenv("KOALJA_WATCH_PARENT"))) {
      Thread.ofPlatform().daemon().start(FunctionMain::endWithParent);
    }
    if (System.getenv("SILENT") == null) {
      System.out.println("koalja: listening on port " + server.getAddress().getPort());
    }
  }

  private static void hang() {
    try {
      Thread.sleep(Duration.ofMinutes(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // nobody writes; only the end matters
      }
    } catch (IOException e) {
      System.err.println("standard input broke: " + e.getMessage());
    }
    System.exit(0);
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
