package dev.koalja.runtime.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SavedFilesTest {
  @TempDir Path dir;
  private SavedFiles files;

  @BeforeEach
  void look() throws IOException {
    save("src/Prices.java", "class Prices {}");
    files = new SavedFiles(() -> List.of(dir.resolve("src"), dir.resolve("pipeline.yaml")));
  }

  private void save(String file, String text) throws IOException {
    Path path = dir.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private CompletableFuture<Void> change() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            files.awaitChange();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void shouldSeeWhatWasSavedEvenBeforeOneWaited() throws Exception {
    save("src/Prices.java", "class Prices { int high; }");
    change().get(10, TimeUnit.SECONDS);
    save("src/more/Rates.java", "class Rates {}");
    change().get(10, TimeUnit.SECONDS);
    save("pipeline.yaml", "spec: {}");
    change().get(10, TimeUnit.SECONDS);
    Files.delete(dir.resolve("src/more/Rates.java"));
    change().get(10, TimeUnit.SECONDS);
  }

  @Test
  void shouldSeeNothingWhereNothingThatCountsWasSaved() throws Exception {
    save("README.md", "prose");
    CompletableFuture<Void> change = change();
    try {
      change.get(SavedFiles.LOOK.toMillis() * 4, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      assertThat(change).isNotDone();
      save("src/Prices.java", "the end of this test");
      change.get(10, TimeUnit.SECONDS);
      return;
    }
    throw new AssertionError("README.md is not what a project is built from");
  }
}
