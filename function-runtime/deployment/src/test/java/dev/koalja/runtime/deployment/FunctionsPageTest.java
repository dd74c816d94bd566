package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jboss.jandex.Index;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The code that docs/functions.md and coming-from.md show is a program that is right. */
class FunctionsPageTest {
  private static final Path PAGE = Path.of("../../docs/functions.md");
  private static final Path SOURCE =
      Path.of("src/test/java/dev/koalja/runtime/deployment/Documented.java");
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void showsCodeThatIsCompiled() throws Exception {
    String source = withoutSpace(Files.readString(SOURCE));
    List<String> blocks =
        CODE.matcher(Files.readString(PAGE))
            .results()
            .flatMap(block -> List.of(block.group(1).split("\n\n")).stream())
            .toList();

    assertThat(blocks).hasSizeGreaterThan(8);
    for (String block : blocks) {
      assertThat(source).as(block).contains(withoutSpace(block));
    }
  }

  @Test
  void isARightProgram() throws Exception {
    Index index =
        Index.of(
            Documented.Prices.class,
            Documented.Properties.class,
            Documented.Order.class,
            Documented.Priced.class,
            Documented.Line.class,
            Documented.Sorted.class,
            Documented.Measured.class);

    assertThat(FunctionScan.of(index).problems()).isEmpty();
  }

  /** That the page shows this code is seen to where all pages are, with the command line. */
  @ParameterizedTest
  @ValueSource(
      classes = {
        Moved.FromFunqy.class,
        Moved.FromSpring.class,
        Moved.FromLambda.class,
        Moved.FromTheOriginal.class
      })
  void isARightProgramAfterTheMove(Class<?> program) throws Exception {
    FunctionScan scan = FunctionScan.of(Index.of(program, Moved.Order.class, Moved.Bill.class));

    assertThat(scan.problems()).isEmpty();
    assertThat(scan.functions()).hasSize(1);
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s", "");
  }
}
