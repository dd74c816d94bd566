package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.bundle.BundleReader;
import dev.koalja.pipeline.bundle.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Section "Bundles" of PROTOCOL.md: whatever is asked alone is answered the same in a bundle. */
class ProtocolBundleTest extends ProtocolTest {
  private static final String BATCH = "Content-Type: application/cloudevents-batch+json";

  static Stream<Arguments> rows() {
    return Stream.of(
            Stream.concat(ProtocolInTest.accepted(), ProtocolInTest.refused()),
            Stream.concat(ProtocolSnapshotTest.accepted(), ProtocolSnapshotTest.refused())
                .map(row -> Arguments.of(row.get()[0], row.get()[1], BATCH, row.get()[2])),
            Stream.concat(ProtocolBatchTest.answered(), ProtocolBatchTest.refused())
                .map(
                    row ->
                        Arguments.of(
                            row.get()[0], "/store", ProtocolBatchTest.BATCH, row.get()[1])))
        .flatMap(each -> each)
        .filter(row -> headers(row.get()[2].toString()).isPresent());
  }

  /** Empty when a header stands there twice, which no bundle can hold. */
  private static Optional<Map<String, String>> headers(String lines) {
    Map<String, String> headers = new HashMap<>();
    for (String line : lines.strip().split("\n")) {
      int colon = line.indexOf(':');
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      if (headers.put(name, line.substring(colon + 1).strip()) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(headers);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void isAnsweredAsAlone(String name, String path, String headers, String body) throws Exception {
    RawHttp.Answer alone = post(path, headers, body);
    Message request =
        new Message(0, 0, headers(headers).orElseThrow(), body.getBytes(StandardCharsets.UTF_8));

    List<Message> answers = ask(path, request, new Message(1, 0, Map.of("x", "y"), new byte[0]));

    if (alone.status() == 404 || alone.status() == 413 && answers.size() < 2) {
      assertThat(answers).isEmpty(); // there is no such function, for all of them
      return;
    }
    Message answer = answers.stream().filter(each -> each.index() == 0).findFirst().orElseThrow();
    assertThat(answer.status()).isEqualTo(alone.status());
    assertThat(withoutTimes(new String(answer.body(), StandardCharsets.UTF_8)))
        .isEqualTo(withoutTimes(alone.text()));
    assertThat(answer.headers().getOrDefault("content-type", ""))
        .isEqualTo(alone.header("Content-Type"));
    for (String attribute : List.of("ce-id", "ce-type", "ce-source", "ce-partitionkey")) {
      assertThat(answer.headers().getOrDefault(attribute, "")).isEqualTo(alone.header(attribute));
    }
  }

  /** Results of two calls differ in when they were made. */
  private static String withoutTimes(String batch) {
    return batch.replaceAll("\"time\":\"[^\"]*\",", "");
  }

  @Test
  void answersThatAreThereDoNotWaitForTheOthers() throws Exception {
    TestFunctions.Wait.entered = new CountDownLatch(1);
    TestFunctions.Wait.go = new CountDownLatch(1);
    try (FunctionServer waiting = TestFunctions.serveOnly("wait");
        RawHttp http = new RawHttp(waiting.port())) {
      Message waits = message(0, "1", "ce-specversion", "ce-id", "ce-source", "ce-type");
      Message refused = message(1, "1", "ce-id");
      http.send(request("/wait", waits, refused));
      assertThat(TestFunctions.Wait.entered.await(20, TimeUnit.SECONDS)).isTrue();

      assertThat(http.line()).startsWith("HTTP/1.1 200");
      assertThat(http.headers()).containsEntry("content-type", Bundle.MEDIA_TYPE);
      Message first = http.chunks(1).getFirst();
      assertThat(first.index()).isEqualTo(1);
      assertThat(first.status()).isEqualTo(400);
      TestFunctions.Wait.go.countDown();
      assertThat(http.chunks(1).getFirst().index()).isZero();
    }
  }

  @Test
  void whatIsNoBundleIsRefusedAsAWhole() throws Exception {
    try (RawHttp http = new RawHttp(server.port())) {
      RawHttp.Answer answer =
          http.ask("POST /shout HTTP/1.1\nContent-Type: " + Bundle.MEDIA_TYPE, "hello, world");
      assertThat(problem(answer, 400, 115)).startsWith("no bundle: message 1865162871 has");
    }
  }

  @Test
  void everyAnswerSaysThatBundlesAreTaken() throws Exception {
    assertThat(post("/shout", EVENT, "ann").header(Bundle.HEADER)).isEqualTo(Bundle.VERSION);
  }

  private static Message message(int index, String id, String... attributes) {
    Map<String, String> headers = new HashMap<>();
    for (String attribute : attributes) {
      headers.put(attribute, attribute.equals("ce-specversion") ? "1.0" : id);
    }
    return new Message(index, 0, headers, new byte[0]);
  }

  private static byte[] request(String path, Message... messages) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Message message : messages) {
      body.writeBytes(message.encode());
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        RawHttp.bytes(
            "POST %s HTTP/1.1\r\nHost: test\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                .formatted(path, Bundle.MEDIA_TYPE, body.size())));
    request.writeBytes(body.toByteArray());
    return request.toByteArray();
  }

  /** All answers; none when the bundle was refused as a whole. */
  private static List<Message> ask(String path, Message... messages) throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(request(path, messages));
      boolean answered = http.line().startsWith("HTTP/1.1 200");
      Map<String, String> headers = http.headers();
      return answered ? http.bundle(headers, messages.length) : new ArrayList<>();
    }
  }

  /** Collects the messages of a bundle. */
  static final class Messages implements BundleReader.Sink {
    final List<Message> all = new ArrayList<>();

    @Override
    public void message(Message message) {
      all.add(message);
    }

    @Override
    public void tooLarge(int index, long size) {
      throw new AssertionError("message " + index + " is too large");
    }
  }
}
