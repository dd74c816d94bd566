package dev.koalja.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.platform.CommittedRecords;
import dev.koalja.platform.Platform;
import dev.koalja.platform.Platform.KafkaAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Kafka that lets in by TLS and a password only: gateway and routers work as on any other. */
@Tag("long")
class SecuredKafkaIT {
  private static final String PIPELINE = "koalja-crash";
  private static final String SECRET = "correct-horse";

  @Test
  void shouldWorkOverTlsAndSaslAlsoAfterARouterIsKilled(@TempDir Path folder) throws Exception {
    Path app = Path.of("").toAbsolutePath();
    int port = Platform.freePort();
    Path config = brokerConfig(folder, port);
    KafkaAccess access = new KafkaAccess(config, clients(folder, port));
    try (Platform platform = new Platform(folder, Map.of(PIPELINE, app), 2, access)) {
      platform.apply(PIPELINE, Files.readString(app.resolve("target/koalja/pipeline.yaml")));
      send(platform, 0, 30);
      awaitOut(platform, 30);
      platform.routers().getFirst().kill9();
      send(platform, 30, 60);
      Platform.untilStarted(platform.routers().getFirst()::restart);
      send(platform, 60, 90);
      awaitOut(platform, 90);
      assertThat(platform.read("koalja." + PIPELINE + ".out").stream().map(CommittedRecords::text))
          .hasSize(90)
          .doesNotHaveDuplicates();
    }
    try (var logs = Files.walk(folder.resolve("logs"))) {
      for (Path log : logs.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(log)).as(log.toString()).doesNotContain(SECRET);
      }
    }
  }

  private static void send(Platform platform, int from, int to) throws InterruptedException {
    for (int i = from; i < to; i++) {
      String id = "e" + i;
      while (!platform.post(PIPELINE, "in", id, "k" + i % 7, id)) {
        Thread.sleep(100); // a sender's own pause before it repeats
      }
    }
  }

  private static void awaitOut(Platform platform, int events) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(300))
        .until(() -> platform.read("koalja." + PIPELINE + ".out").size() >= events);
  }

  private static Path brokerConfig(Path folder, int port) throws Exception {
    Path keys = folder.resolve("broker.p12");
    keytool(
        "-genkeypair -alias broker -keyalg RSA -keysize 2048 -validity 2 -dname CN=localhost -ext san=ip:127.0.0.1,dns:localhost -storetype PKCS12 -storepass changeit -keystore "
            + keys);
    keytool(
        "-exportcert -rfc -alias broker -storepass changeit -keystore %s -file %s"
            .formatted(keys, folder.resolve("broker.pem")));
    Path config = folder.resolve("broker.properties");
    Files.writeString(
        config,
        """
        listeners=SASL_SSL://127.0.0.1:%d
        advertised.listeners=SASL_SSL://127.0.0.1:%d
        listener.security.protocol.map=SASL_SSL:SASL_SSL
        ssl.keystore.type=PKCS12
        ssl.keystore.location=%s
        ssl.keystore.password=changeit
        ssl.key.password=changeit
        listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN
        listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_koalja="%s";
        """
            .formatted(port, port, keys, SECRET));
    return config;
  }

  private static Map<String, String> clients(Path folder, int port) {
    Map<String, String> clients = new HashMap<>();
    clients.put("bootstrap.servers", "127.0.0.1:" + port);
    clients.put("security.protocol", "SASL_SSL");
    clients.put("ssl.truststore.type", "PEM");
    clients.put("ssl.truststore.location", folder.resolve("broker.pem").toString());
    clients.put("sasl.mechanism", "PLAIN");
    clients.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"koalja\" password=\"%s\";"
            .formatted(SECRET));
    return clients;
  }

  private static void keytool(String arguments) throws IOException, InterruptedException {
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process process =
        new ProcessBuilder()
            .command(
                java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(keytool.toString()),
                        List.of(arguments.split(" ")).stream())
                    .toList())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }
}
