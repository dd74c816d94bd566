package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.ShortIds;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.event.Ulid;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja send}. */
@Command(
    name = "send",
    description = "Send an event to a link.",
    footer = {
      "",
      "Examples:",
      "  koalja send order '{\"id\":\"o-1\",\"customer\":\"ann\"}' --key ann",
      "  koalja send notes --text 'Hello'",
      "  koalja send order --file order.json",
      "  cat order.json | koalja send order"
    })
final class SendCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(index = "0", paramLabel = "LINK", description = "The link, or pipeline/link.")
  String link = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "JSON",
      description = "The data; without it, standard input.")
  @Nullable String data;

  @Option(names = "--text", description = "Data that is plain text.")
  @Nullable String text;

  @Option(names = "--file", description = "A file with the data.")
  @Nullable Path file;

  @Option(
      names = "--content-type",
      paramLabel = "TYPE",
      description = "Media type of the data; application/json unless --text.")
  @Nullable String contentType;

  @Option(names = "--key", description = "The event's key: events of one key stay in order.")
  @Nullable String key;

  @Option(
      names = "--type",
      defaultValue = "dev.koalja.sent",
      description = "CloudEvents type (${DEFAULT-VALUE}).")
  String type = "";

  @Option(names = "--id", description = "CloudEvents id; a new one by default.")
  @Nullable String id;

  @Option(
      names = "--source",
      defaultValue = "/koalja/send",
      description = "CloudEvents source (${DEFAULT-VALUE}).")
  String source = "";

  @Option(
      names = "--to",
      paramLabel = "URL",
      description = "Ingress address; by default that of the project one stands in.")
  @Nullable URI to;

  @Override
  public void run() {
    byte[] body = body();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", mediaType());
    headers.put("ce-specversion", "1.0");
    headers.put(
        "ce-id", header(Optional.ofNullable(id).orElseGet(() -> Ulid.random(Instant.now()))));
    headers.put("ce-source", header(source));
    headers.put("ce-type", header(type));
    headers.put("ce-time", Instant.now().toString());
    if (key != null) {
      headers.put("ce-partitionkey", header(key));
    }
    URI ingress = Optional.ofNullable(to).orElseGet(() -> shared.running().ingress());
    try (ControlClient client = shared.ingress(ingress)) {
      JsonNode answer = client.send("POST", "/events/" + path(link), headers, body);
      if (shared.json) {
        shared.print(answer);
        return;
      }
      ShortIds ids = ShortIds.of(shared.screen());
      for (JsonNode each : answer.path("accepted")) {
        shared
            .screen()
            .line(
                "%s   %s  accepted"
                    .formatted(
                        answer.path("link").asText(link), ids.show(each.path("id").asText())));
      }
    } catch (CliException e) {
      String hint =
          e.exit() == Exit.USAGE
                  && contentType == null
                  && text == null
                  && e.getMessage() != null
                  && e.getMessage().contains("JSON")
              ? " (plain text? --text)"
              : "";
      throw new CliException(e.exit(), e.getMessage() + hint, e.details());
    }
  }

  private byte[] body() {
    int given = (data == null ? 0 : 1) + (text == null ? 0 : 1) + (file == null ? 0 : 1);
    if (given > 1) {
      throw CliException.usage("give the data once: as an argument, --text or --file");
    }
    try {
      if (file != null) {
        return Files.readAllBytes(file);
      }
      if (given == 0 || "-".equals(data)) {
        if (Boolean.getBoolean("koalja.stdin.terminal")) {
          throw CliException.usage("no data: give it as an argument, --text, --file or a pipe");
        }
        return System.in.readAllBytes();
      }
    } catch (IOException e) {
      throw CliException.usage("the data cannot be read: " + Words.reason(e));
    }
    return Optional.ofNullable(text)
        .or(() -> Optional.ofNullable(data))
        .orElse("")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** {@code link} or {@code pipeline/link}, as the path of an address. */
  static String path(String link) {
    return Arrays.stream(link.split("/", -1))
        .map(ControlClient::encode)
        .collect(Collectors.joining("/"));
  }

  private String mediaType() {
    return Optional.ofNullable(contentType)
        .orElse(text == null ? "application/json" : "text/plain; charset=utf-8");
  }

  /** Percent-encodes as the CloudEvents HTTP binding says. */
  static String header(String value) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = each > 0x20 && each < 0x7f && each != '"' && each != '%';
      encoded.append(plain ? String.valueOf((char) each) : "%%%02X".formatted(each & 0xff));
    }
    return encoded.toString();
  }
}
