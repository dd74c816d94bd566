package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages show code that the build compiles, and the rule that says so can fail. */
class PagesTest {
  private static final String SOURCE = "cli/src/test/java/dev/koalja/cli/PagesTest.java";

  @TempDir Path dir;

  @Test
  void shouldShowCodeThatTheBuildCompiles() throws Exception {
    for (Map.Entry<Path, String> page : Pages.OTHERS.entrySet()) {
      Pages.check(page.getKey(), page.getValue());
    }
  }

  private Path page(String text) throws Exception {
    return Files.writeString(dir.resolve("page.md"), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "```\nkoalja run\n```\n",
        "```console\n$ koalja run\n```\n",
        "Text.\n\n    koalja run\n",
        "<!-- not run: no time -->\n```\nkoalja run\n```\n",
        "<!-- a remark -->\n```java\nclass PagesTest {\n```\n",
        "<!-- not run: a picture -->\n\n```\nkoalja run\n```\n",
        "<!-- not run: a picture -->\n```\no-o\n```\n```\nkoalja run\n```\n"
      })
  void shouldRefuseABlockThatIsNeitherRunNorMarked(String text) throws Exception {
    Path page = page(text);

    assertThatThrownBy(() -> Pages.check(page, SOURCE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page.md:")
        .hasMessageContaining("is neither run nor compiled");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "```java\nclass PagesTest {\n```\n",
        "```java\nclass PagesTest {\n…\n  private Path page(String text)\n```\n",
        "<!-- also in: " + SOURCE + " -->\n```\n@TempDir   Path dir;\n```\n",
        "<!-- not run: a picture -->\n```\no-o\n```\n",
        "<!-- in the shop of the guide -->\n```\nkoalja status\n```\n",
        "No block, only `koalja run`.\n"
      })
  void shouldAcceptABlockThatIsCompiledRunOrMarked(String text) throws Exception {
    Path page = page(text);

    assertThatCode(() -> Pages.check(page, SOURCE)).doesNotThrowAnyException();
  }

  @Test
  void shouldRefuseCodeThatTheBuildDoesNotCompile() throws Exception {
    Path wrong = page("```java\nclass Pages" + "Text {\n```\n");

    assertThatThrownBy(() -> Pages.check(wrong, SOURCE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page.md:1: class Pages" + "Text {");
  }

  /** What the reader does not see, no rule can refuse. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1. Step\n   ```\n   koalja run\n   ```\n",
        "~~~\nkoalja run\n~~~\n",
        "````\nkoalja run\n````\n",
        "```\nkoalja run\n"
      })
  void shouldRefuseABlockThatItCannotRead(String text) throws Exception {
    Path page = page(text);

    assertThatThrownBy(() -> Pages.check(page, SOURCE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page.md:")
        .hasMessageContaining("no block that is read here");
  }
}
