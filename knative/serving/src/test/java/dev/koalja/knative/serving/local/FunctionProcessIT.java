package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.koalja.knative.serving.ColdStart;
import dev.koalja.pipeline.AppName;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FunctionProcessIT {
  @TempDir Path folder;
  private final List<FunctionProcess> processes = new ArrayList<>();
  private AppLog log;

  @BeforeEach
  void open() {
    log = new AppLog(folder, "prices", 1_000_000);
  }

  @AfterEach
  void endAll() throws InterruptedException {
    for (FunctionProcess process : processes) {
      process.kill();
      process.awaitEnd();
    }
    log.close();
  }

  private FunctionProcess launch(AppBuild build) throws IOException {
    return launch(build, new LoopbackPorts());
  }

  private FunctionProcess launch(AppBuild build, LoopbackPorts ports) throws IOException {
    FunctionProcess process = FunctionProcess.launch(build, false, ports, log);
    processes.add(process);
    return process;
  }

  /** Draws the port that somebody else has. */
  private static LoopbackPorts portOf(HttpServer server) {
    return new LoopbackPorts() {
      @Override
      int take() {
        return server.getAddress().getPort();
      }
    };
  }

  /** Somebody who drew the same port, was faster, and is ready. */
  private static HttpServer stranger() throws IOException {
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), new LoopbackPorts().take()), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** A build that must say that it listens. */
  private AppBuild quarkus(Map<String, String> environment) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.put(Attributes.Name.MAIN_CLASS, FunctionMain.class.getName());
    main.put(Attributes.Name.CLASS_PATH, Path.of(LocalServingIT.testClasses()).toUri().toString());
    try (OutputStream out = Files.newOutputStream(folder.resolve("quarkus-run.jar"))) {
      new JarOutputStream(out, manifest).close();
    }
    return AppBuild.quarkus(new AppName("prices"), "1", folder).withEnvironment(environment);
  }

  @Test
  void shouldTellTheTimeOfTheAppFromThatOfTheJvm() throws Exception {
    FunctionProcess process =
        launch(LocalServingIT.build("1", Map.of("SAY_AT_START", "koalja: started in 3 ms")));
    ColdStart start = process.awaitReady(Duration.ofSeconds(30));
    assertThat(start.app()).isEqualTo(Duration.ofMillis(3));
    assertThat(start.jvm()).hasValueSatisfying(jvm -> assertThat(jvm).isPositive());
    assertThat(start.phases().values()).allMatch(Duration::isPositive);
    assertThat(start.phases().values().stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(start.total());
  }

  @Test
  void shouldNotKnowTheTimeOfTheJvmWhereNobodySaysIt() throws Exception {
    String impossible = "koalja: started in 999999999 ms";
    for (Map<String, String> environment :
        List.of(Map.<String, String>of(), Map.of("SAY_AT_START", impossible))) {
      ColdStart start =
          launch(LocalServingIT.build("1", environment)).awaitReady(Duration.ofSeconds(30));
      assertThat(start.jvm()).isEmpty();
      assertThat(start.app()).isPositive();
    }
  }

  @Test
  void shouldNotTakeTheAnswerOfWhoTookThePortForItsOwn() throws Exception {
    HttpServer stranger = stranger();
    try {
      FunctionProcess process =
          launch(LocalServingIT.build("1", Map.of("SILENT", "true")), portOf(stranger));
      assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(30)))
          .hasMessageContaining("while starting")
          .isInstanceOfSatisfying(
              StartFailedException.class,
              failure -> assertThat(failure.portTaken()).as("worth another port").isTrue());
    } finally {
      stranger.stop(0);
    }
  }

  @Test
  void shouldNeverAskABuildThatSaysWhenItListensBeforeItSaidSo() throws Exception {
    HttpServer stranger = stranger();
    try {
      FunctionProcess process = launch(quarkus(Map.of("HANG_AT_START", "true")), portOf(stranger));
      assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(4)))
          .isInstanceOf(StartFailedException.class)
          .hasMessageContaining("was not ready within 4 s");
    } finally {
      stranger.stop(0);
    }
  }

  @Test
  void shouldUseABuildThatSaysThatItListens() throws Exception {
    FunctionProcess process = launch(quarkus(Map.of()));
    assertThat(process.awaitReady(Duration.ofSeconds(30)).total()).isPositive();
    assertThat(process.answers(Duration.ofSeconds(5))).isTrue();
    assertThat(process.end(Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void shouldNotBlameItsPortWhenADebuggerHasNone() throws Exception {
    FunctionProcess process =
        launch(
            LocalServingIT.build(
                "1",
                Map.of(
                    "SAY_AT_START",
                    "ERROR: transport error 202: bind failed: Address already in use",
                    "EXIT_AT_START",
                    "2")));
    assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(30)))
        .isInstanceOfSatisfying(
            StartFailedException.class, failure -> assertThat(failure.portTaken()).isFalse());
  }

  @Test
  void shouldSayTheReasonOfAStartThatFailedAndNoPlaceOfItsStackTrace() throws Exception {
    FunctionProcess process =
        launch(LocalServingIT.build("1", Map.of("THROW_AT_START", "no key for the till")));
    assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(30)))
        .isInstanceOf(StartFailedException.class)
        .hasMessageEndingWith("starting: Caused by: java.io.IOException: no key for the till");
  }

  @Test
  void shouldNameTheSignalThatEndedAStart() throws Exception {
    FunctionProcess process = launch(LocalServingIT.build("1", Map.of("HANG_AT_START", "true")));
    process.kill();
    assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(30)))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("ended with 137 (signal 9) while starting");
  }

  @Test
  void shouldGiveProcessesThatStartTogetherADebuggerPortEach() throws Exception {
    LoopbackPorts ports = new LoopbackPorts();
    AppBuild build = LocalServingIT.build("1", Map.of()).withDebugger(ports.take());
    List<FunctionProcess> together = List.of(launch(build, ports), launch(build, ports));
    for (FunctionProcess each : together) {
      assertThat(each.awaitReady(Duration.ofSeconds(30)).total()).isPositive();
    }
  }

  @Test
  void shouldAskForAnotherTryWhenSomebodyTookTheDebuggerPort() throws Exception {
    HttpServer stranger = stranger();
    try {
      int taken = stranger.getAddress().getPort();
      FunctionProcess process =
          launch(
              LocalServingIT.build("1", Map.of()).withDebugger(taken),
              new LoopbackPorts() {
                @Override
                OptionalInt takeFrom(int first, int count) {
                  return OptionalInt.of(taken); // free when it was looked at
                }
              });
      assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(30)))
          .isInstanceOfSatisfying(
              StartFailedException.class,
              failure -> assertThat(failure.portTaken()).as("worth another try").isTrue());
    } finally {
      stranger.stop(0);
    }
  }

  @Test
  void shouldStartWithoutADebuggerRatherThanNotAtAll() throws Exception {
    FunctionProcess process =
        launch(
            LocalServingIT.build("1", Map.of()).withDebugger(new LoopbackPorts().take()),
            new LoopbackPorts() {
              @Override
              OptionalInt takeFrom(int first, int count) {
                return OptionalInt.empty();
              }
            });
    assertThat(process.awaitReady(Duration.ofSeconds(30)).total()).isPositive();
  }

  @Test
  void shouldKeepWhatConfiguresThisProcessFromFunctions() {
    Map<String, String> environment = new HashMap<>();
    List.of(
            "QUARKUS_HTTP_PORT",
            "KOALJA_PORT",
            "KOALJA_CONTROL_TOKEN",
            "KOALJA_CONTROL_TOKEN_FILE",
            "koalja.control.token",
            "KOALJA_SERVING_CACHE",
            "KOALJA_ROUTER_PREWARM")
        .forEach(name -> environment.put(name, "of the breadboard"));
    environment.put("PATH", "/bin");
    environment.put("KOALJA_SECRET_TAX_TABLE", "as on a cluster");

    FunctionProcess.configure(
        environment, LocalServingIT.build("7", Map.of("KOALJA_OBJECTS", "file:/objects")), 20_001);

    assertThat(environment)
        .doesNotContainValue("of the breadboard")
        .containsEntry("PATH", "/bin")
        .containsEntry("KOALJA_SECRET_TAX_TABLE", "as on a cluster")
        .containsEntry("KOALJA_OBJECTS", "file:/objects")
        .containsEntry("PORT", "20001")
        .containsEntry("K_REVISION", "7");
  }
}
