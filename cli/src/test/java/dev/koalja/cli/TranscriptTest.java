package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How pages are read and compared, so that {@link GuideIT} cannot pass by reading nothing. */
class TranscriptTest {
  @TempDir Path dir;

  @Test
  void shouldCompareLinesInTheirOrderAndNotTheirBlanks() {
    String output = "TASK   STATE\nprice  idle\nship   waiting  2\n";

    assertThat(Transcript.holds(List.of("TASK STATE", "…", "ship waiting …"), output)).isTrue();
    assertThat(Transcript.holds(List.of("price idle", "ship … 2"), output)).isTrue();
    assertThat(Transcript.holds(List.of("TASK STATE", "ship waiting …"), output)).isFalse();
    assertThat(Transcript.holds(List.of("ship idle"), output)).isFalse();
    assertThat(Transcript.holds(List.of("price"), output)).isFalse();
  }

  @Test
  void shouldFindEveryBlockWithItsMark() throws Exception {
    Path page = dir.resolve("page.md");
    Files.writeString(
        page,
        """
        Text.

        <!-- file: A.java -->
        ```java
        class A {}
        ```

            indented, and code as well

        ```console
        $ one
        > two
        shown
        $ three
        ```
        """);

    List<CodeBlock> blocks = CodeBlock.of(page);

    assertThat(blocks).extracting(CodeBlock::mark).containsExactly("file: A.java", "", "");
    assertThat(blocks).extracting(CodeBlock::language).containsExactly("java", "", "console");
    assertThat(Transcript.of(blocks.getLast()))
        .containsExactly(
            new Transcript("one\ntwo", List.of("shown")), new Transcript("three", List.of()));
  }
}
