package dev.koalja.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import dev.koalja.soak.Options;
import dev.koalja.soak.SoakMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small round of {@code koalja soak}; twenty with {@code -Pfull}. {@code -Dkoalja.seed=N} makes
 * another one, {@code -Dkoalja.rounds=N} more of them.
 */
@Tag("long")
class SoakIT {
  private static final boolean FULL = "full".equals(System.getProperty("koalja.depth"));

  private static final Path APP = Path.of("../soak/app").toAbsolutePath().normalize();

  @Test
  void shouldKeepEveryPromise(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path folder)
      throws Exception {
    Path pipeline = Files.writeString(folder.resolve("pipeline.yaml"), circuit());
    List<String> lines = new ArrayList<>();
    int status =
        SoakMain.run(
            new Options(
                Integer.getInteger("koalja.rounds", FULL ? 20 : 1),
                Long.getLong("koalja.seed", 4711),
                120,
                3,
                pipeline,
                Map.of("koalja-soak-circuit", APP),
                Optional.of(folder.resolve("report.json")),
                Optional.of(folder.resolve("platform"))),
            line -> {
              System.out.println("soak: " + line);
              lines.add(line);
            });
    assertThat(lines).last().asString().as("the last word").isNotEmpty();
    assertThat(status).as(() -> String.join("\n", lines)).isZero();
    assertThat(folder.resolve("report.json")).content().contains("\"breaches\" : [ ]");
  }

  private static String circuit() throws Exception {
    PipelineReader.Source[] sources = {
      source(APP.resolve("target/koalja/pipeline.yaml")), source(APP.resolve("pipeline.yaml"))
    };
    return PipelineWriter.yaml(PipelineReader.read(sources));
  }

  private static PipelineReader.Source source(Path file) throws Exception {
    return new PipelineReader.Source(file.toString(), Files.readString(file));
  }
}
