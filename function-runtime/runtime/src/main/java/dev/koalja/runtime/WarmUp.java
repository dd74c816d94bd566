package dev.koalja.runtime;

import com.fasterxml.jackson.databind.ObjectReader;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.ObjectStore;
import dev.koalja.pipeline.Json;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionInvoker;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.registry.InputDescriptor;
import dev.koalja.runtime.registry.OutputDescriptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Does beside the start of Quarkus, on another core, what the start and the first request wait for:
 * opens the jars, prepares what CDI and the console ask for, the JSON mapper, and the whole way of
 * a request, by one that is sent to a server of its own on loopback, for a function that only
 * echoes. Nothing depends on it: what is not prepared is done when it is needed.
 */
final class WarmUp {
  /** The first that this process runs of ours, but for a hot reload. */
  private static final long BEGAN = System.nanoTime();

  private static final AtomicBoolean BEGUN = new AtomicBoolean();
  private static final CountDownLatch LOGGING = new CountDownLatch(1);
  private static final String TASK = "warm-up";
  private static final int PATIENCE_MILLIS = 5_000;
  private static final int BYTES = 1 << 16;

  private WarmUp() {}

  /** How long it is ago that our code began, in milliseconds; what was before is the JVM's. */
  static long sinceBegin() {
    return (System.nanoTime() - BEGAN) / 1_000_000;
  }

  /** Begins, once in a process. */
  static void begin() {
    if (BEGUN.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("warm-up").start(WarmUp::run);
    }
  }

  /**
   * The log manager is there. Nothing before may log: two threads that set up logging at the same
   * time could wait for each other.
   */
  static void loggingIsThere() {
    begin();
    LOGGING.countDown();
  }

  private static void run() {
    List<ZipFile> jars = jars();
    try {
      annotations();
      System.console();
      json();
      dateHeader();
      LOGGING.await();
      request();
    } catch (IOException e) {
      Logger.getLogger(WarmUp.class).debug("the warm-up had no answer", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      jars.forEach(WarmUp::close);
    }
  }

  /**
   * Opens the jars of the class path from the end, while the search for a service begins at the
   * start: the JDK reads the directory of a jar once for as many as have it open.
   */
  private static List<ZipFile> jars() {
    List<ZipFile> open = new ArrayList<>();
    File run = new File(System.getProperty("java.class.path", ""));
    try (JarFile jar = new JarFile(run)) {
      String classPath =
          Objects.requireNonNullElse(
              jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH), "");
      for (String each : List.of(classPath.split(" ")).reversed()) {
        open.add(new ZipFile(new File(run.getParentFile(), each)));
      }
    } catch (IOException _) {
      // not started from one jar: nothing is lost but time
    }
    return open;
  }

  private static void close(ZipFile jar) {
    try {
      jar.close();
    } catch (IOException _) {
      // it was only read
    }
  }

  /** CDI compares its qualifiers by reflection, for which the JDK makes method handles. */
  private static void annotations() {
    int _ = Initialized.Literal.of(ApplicationScoped.class).hashCode();
  }

  private static void json() throws IOException {
    ObjectReader reader = Json.MAPPER.readerFor(String.class);
    Json.MAPPER.writeValueAsBytes(reader.readValue("\"warm\""));
  }

  /** The locale data behind the {@code Date} header, which the HTTP server puts on every answer. */
  private static void dateHeader() {
    DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss zzz", Locale.US)
        .formatTo(ZonedDateTime.now(ZoneOffset.UTC), new StringBuilder());
  }

  private static void request() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    FunctionServer.Settings settings =
        new FunctionServer.Settings(
            TASK,
            TASK,
            new InetSocketAddress(loopback, 0),
            BYTES,
            1,
            BYTES,
            ObjectStore.none(),
            Duration.ofSeconds(1)); // what it answered is still counted down
    FunctionRegistry functions = new FunctionRegistry(List.of(echo()), _ -> TASK);
    try (FunctionServer server =
            FunctionServer.start(settings, functions, Json.MAPPER, InvocationRunner.Scope.NONE);
        Socket socket = new Socket(loopback, server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().readAllBytes();
    }
  }

  private static final String REQUEST =
      """
      POST / HTTP/1.1\r
      Host: warm-up\r
      ce-specversion: 1.0\r
      ce-id: 1\r
      ce-source: /warm-up\r
      ce-type: warm-up\r
      Content-Type: application/json\r
      Content-Length: 6\r
      Connection: close\r
      \r
      "warm\"""";

  private static FunctionDescriptor echo() {
    String text = String.class.getName();
    return new FunctionDescriptor(
        TASK,
        Echo.class.getName(),
        Echo.class.getName(),
        List.of(new InputDescriptor("in", text, InputDescriptor.Shape.ONE, false, false)),
        FunctionDescriptor.Takes.ONE,
        "",
        List.of(new OutputDescriptor("out", TASK, text, "", "", false)),
        false);
  }

  /** Returns what it is given. */
  public static final class Echo extends FunctionInvoker {
    @Override
    public Class<?> functions() {
      return Echo.class;
    }

    @Override
    public @Nullable Object call(
        Object functions, @Nullable Object[] inputs, FunctionContext context) {
      return inputs[0];
    }
  }
}
