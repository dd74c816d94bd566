package dev.koalja.cli;

import dev.koalja.pipeline.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code koalja version}. */
@Command(
    name = "version",
    description = "Show versions.",
    footer = {"", "Example:", "  koalja version"})
final class VersionCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Override
  public void run() {
    Versions versions = Versions.load();
    if (shared.json) {
      shared.print(Json.MAPPER.valueToTree(versions));
    } else {
      shared
          .screen()
          .line(
              "koalja %s, Kafka %s, Quarkus %s, Java %s"
                  .formatted(
                      versions.koalja(),
                      versions.kafka(),
                      versions.quarkus(),
                      Runtime.version().feature()));
    }
  }
}
