package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheStoreTest {
  @TempDir Path folder;
  private final AtomicInteger trained = new AtomicInteger();

  private String get(String content) throws Exception {
    Path target = folder.resolve("target/" + content);
    new CacheStore(folder.resolve("store"))
        .get(
            content,
            target,
            file -> {
              Files.createDirectories(file.resolveSibling(""));
              Files.writeString(file, "trained " + trained.incrementAndGet());
            });
    return Files.readString(target);
  }

  @Test
  void shouldTrainOnceForTheSameContent() throws Exception {
    assertThat(get("a")).isEqualTo("trained 1");
    assertThat(get("b")).isEqualTo("trained 2");
    assertThat(get("a")).isEqualTo("trained 1");
    Files.delete(folder.resolve("target/a"));
    assertThat(get("a")).isEqualTo("trained 1");
  }

  @Test
  void shouldTrainAgainWhatWasDamaged() throws Exception {
    assertThat(get("a")).isEqualTo("trained 1");
    Files.writeString(folder.resolve("store/a.aot"), "trained !");
    assertThat(get("a")).isEqualTo("trained 2");
    assertThat(get("a")).isEqualTo("trained 2");
    Files.delete(folder.resolve("store/a.sha256"));
    assertThat(get("a")).isEqualTo("trained 3");
  }

  @Test
  void shouldKeepTheTwentyThatWereUsedLast() throws Exception {
    for (int i = 0; i < 25; i++) {
      get("c" + i);
      Files.setLastModifiedTime(
          folder.resolve("store/c" + i + ".aot"),
          java.nio.file.attribute.FileTime.fromMillis(1000L * i));
    }
    get("d");
    try (var files = Files.list(folder.resolve("store"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".aot"))
          .hasSize(20)
          .contains("d.aot", "c24.aot")
          .doesNotContain("c0.aot", "c5.aot");
    }
  }

  @Test
  void shouldSayWhatToDoWhereItCannotBe() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(
            () -> new CacheStore(file.resolve("caches")).get("a", folder.resolve("a"), _ -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.resolve("caches").toString())
        .hasMessageContaining("set XDG_CACHE_HOME");
  }

  @Test
  void shouldKeepNothingOfATrainingThatFails() {
    CacheStore store = new CacheStore(folder.resolve("store"));
    assertThatThrownBy(
            () ->
                store.get(
                    "a",
                    folder.resolve("a"),
                    _ -> {
                      throw new IOException("no cache");
                    }))
        .hasMessage("no cache");
    assertThat(folder.resolve("store/a.aot")).doesNotExist();
  }
}
