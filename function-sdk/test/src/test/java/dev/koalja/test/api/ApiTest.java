package dev.koalja.test.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.Function;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.test.KoaljaTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The API is the one that is written down in {@code api.txt} of each module, or has grown. */
class ApiTest {
  private static final String WRITE =
      "./build -pl function-sdk/test -am -Dtest=ApiTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dkoalja.api=write";

  @ParameterizedTest
  @CsvSource({"pipeline, ../../pipeline", "function-sdk, ..", "koalja-test, ."})
  void breaksNobody(String module, Path folder) throws Exception {
    Class<?> one =
        switch (module) {
          case "pipeline" -> Pipeline.class;
          case "function-sdk" -> Function.class;
          default -> KoaljaTest.class;
        };
    Path classes = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
    SortedSet<String> now = PublicApi.of(classes, one.getClassLoader());
    Path written = folder.resolve("api.txt");
    if (System.getProperty("koalja.api", "").equals("write")) {
      Files.write(written, now);
      return;
    }

    ApiChange change = ApiChange.between(new TreeSet<>(Files.readAllLines(written)), now);

    assertThat(change.broken())
        .as(
            """
            The public API of %s changed so that code of users breaks. Keep the member and mark it
            @Deprecated, or, when the change is meant, say it in changelog/unreleased and write the
            new API down:
                %s
            """,
            module, WRITE)
        .isEmpty();
    if (!change.added().isEmpty()) {
      System.out.printf(
          "The public API of %s grew, which is fine. From then on it is guarded:%n    %s%n%s%n",
          module, WRITE, String.join("\n", change.added()));
    }
  }
}
