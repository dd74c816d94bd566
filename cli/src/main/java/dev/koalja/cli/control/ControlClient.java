package dev.koalja.cli.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Proposal;
import dev.koalja.pipeline.error.ProblemDetail;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * Asks a running circuit. Every failure becomes a {@link CliException} that says what the circuit
 * said. Safe for threads.
 */
public final class ControlClient implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** A pipeline of a thousand tasks has thousands of topics, which Kafka makes one by one. */
  private static final Duration APPLY_LIMIT = Duration.ofMinutes(10);

  /** Numbers keep their digits: data that is shown may be sent back. */
  private static final ObjectReader EXACT =
      Json.MAPPER
          .reader()
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);

  private final URI base;
  private final Consumer<String> log;
  private final Optional<String> token;
  private final HttpClient http;

  /** A client of the control listener at {@code base}. */
  public ControlClient(URI base) {
    this(base, _ -> {});
  }

  /** A client of the control listener at {@code base} that tells {@code log} what it asks. */
  public ControlClient(URI base, Consumer<String> log) {
    this(base, log, Optional.ofNullable(System.getenv("KOALJA_CONTROL_TOKEN")));
  }

  /**
   * With a token it presents to whoever listens.
   *
   * @throws CliException when {@code base} is no address
   */
  ControlClient(URI base, Consumer<String> log, Optional<String> token) {
    requireAddress(base);
    this.base = base;
    this.log = log;
    this.token = token.map(String::strip).filter(text -> !text.isEmpty());
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5));
    if ("http".equals(base.getScheme())) {
      builder.sslContext(
          unused()); // or the client would read all certificates of the machine first
    }
    this.http = builder.build();
  }

  /** A client of an ingress, which may be anybody's: the token of the control API is not for it. */
  public static ControlClient ofIngress(URI base, Consumer<String> log) {
    return new ControlClient(base, log, Optional.empty());
  }

  private static void requireAddress(URI base) {
    boolean http = "http".equals(base.getScheme()) || "https".equals(base.getScheme());
    if (!http || base.getHost() == null || base.getPort() > 65_535) {
      throw CliException.usage(
          "\"%s\" is no address of a circuit: write one as http://127.0.0.1:9000".formatted(base));
    }
  }

  private static SSLContext unused() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[0], new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /** Percent-encodes one segment of a path or one value of a query. */
  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What is at {@code path}, as JSON. */
  public JsonNode get(String path) {
    return json(exchange(request(path).timeout(LIMIT).GET()));
  }

  /** Sends JSON. */
  public JsonNode post(String path, Object body) {
    try {
      byte[] bytes = Json.MAPPER.writeValueAsBytes(body);
      return send("POST", path, Map.of("Content-Type", "application/json"), bytes);
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON: " + body, e);
    }
  }

  /** Sends bytes. */
  public JsonNode send(String method, String path, Map<String, String> headers, byte[] body) {
    return send(method, path, headers, body, LIMIT);
  }

  /** Puts a pipeline in force. */
  JsonNode apply(String pipeline, Proposal proposal) {
    try {
      return send(
          "PUT",
          "/api/pipelines/" + pipeline,
          Map.of("Content-Type", Proposal.MEDIA_TYPE),
          Json.MAPPER.writeValueAsBytes(proposal),
          APPLY_LIMIT);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a proposal is always JSON", e);
    }
  }

  private JsonNode send(
      String method, String path, Map<String, String> headers, byte[] body, Duration limit) {
    HttpRequest.Builder request =
        request(path).timeout(limit).method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return json(exchange(request));
  }

  /**
   * Hands over each line of a stream as JSON until it ends or {@code more} says no.
   *
   * @param more is given each value; false ends
   */
  public void follow(String path, Predicate<JsonNode> more) {
    text(
        path,
        line -> {
          try {
            return line.isBlank() || more.test(EXACT.readTree(line));
          } catch (IOException e) {
            throw new CliException(
                Exit.BUG, "the circuit sent a line that is no JSON: " + line, List.of());
          }
        });
  }

  /** Hands over each line of a stream until it ends or {@code more} says no. */
  public void text(String path, Predicate<String> more) {
    HttpResponse<InputStream> response = exchange(request(path).GET());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!more.test(line)) {
          return;
        }
      }
    } catch (IOException e) {
      throw CliException.unavailable("the circuit at " + base + " went away");
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
    token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
    return request;
  }

  private HttpResponse<InputStream> exchange(HttpRequest.Builder builder) {
    HttpRequest request = builder.build();
    try {
      HttpResponse<InputStream> response =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      log.accept("%s %s: %d".formatted(request.method(), request.uri(), response.statusCode()));
      if (response.statusCode() / 100 != 2) {
        throw refused(response);
      }
      return response;
    } catch (ConnectException e) {
      throw CliException.unavailable(
          "nothing answers at %s: does the circuit run? (koalja run)".formatted(base));
    } catch (IOException e) {
      throw CliException.unavailable(
          "the circuit at %s did not answer: %s".formatted(base, e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }

  private static CliException refused(HttpResponse<InputStream> response) throws IOException {
    int status = response.statusCode();
    byte[] body;
    try (InputStream in = response.body()) {
      body = in.readNBytes(1 << 20);
    }
    String detail = new String(body, StandardCharsets.UTF_8).strip();
    List<String> problems = List.of();
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (type.startsWith(ProblemDetail.MEDIA_TYPE)) {
      ProblemDetail problem = Json.MAPPER.readValue(body, ProblemDetail.class);
      detail = Optional.ofNullable(problem.detail()).orElse("");
      problems = problem.problems();
    }
    int exit =
        switch (status) {
          case 429, 502, 503, 504 -> Exit.UNAVAILABLE;
          default -> status < 500 ? Exit.USAGE : Exit.BUG;
        };
    return new CliException(exit, status + " " + detail, problems, status);
  }

  private static JsonNode json(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      return EXACT.readTree(body);
    } catch (IOException e) {
      throw CliException.unavailable("the answer of the circuit broke off: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
